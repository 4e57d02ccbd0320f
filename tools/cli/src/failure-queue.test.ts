import { Installation, run } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

describe('the failure queue', () => {
  it.each([
    ['of the local stack', []],
    ['of an installation on AWS', ['--region', 'eu-central-1']],
  ])('%s is found by the outputs of its stack', async (_, target) => {
    const { exitCode, out } = await run(['dlq', 'list', ...target], installation);
    expect([exitCode, out]).toEqual([0, ['the failure queue is empty']]);
    const QueueUrl = `${installation.url}/111111111111/failures`;
    expect(installation.events).toEqual(Array(2).fill(expect.objectContaining({ QueueUrl })));
  });

  it('that the stack does not name is missed in one line', async () => {
    const outputs = {
      'OrchestrationStack.OrchestratorArn': 'arn:aws:lambda:eu-central-1:111111111111:function:o',
      'OrchestrationStack.TaskFunctions': '{}',
    };
    const readFile = () => installation.localJson({ outputs });
    expect(await run(['dlq', 'list'], installation, { readFile })).toMatchObject({
      ...{ exitCode: 3, out: [], err: [expect.stringMatching(/no output FailureQueueUrl/)] },
    });
  });

  it('that does not answer is told in one line', async () => {
    const readFile = () => installation.localJson({ lambdaEndpoint: 'http://127.0.0.1:9' });
    expect(await run(['dlq', 'list'], installation, { readFile })).toMatchObject({
      ...{ exitCode: 3, out: [], err: [expect.stringMatching(/the failure queue cannot be read/)] },
    });
  });

  it.each([
    [['dlq', 'redrive', '../x'], /id of a message/],
    [['dlq', 'redrive'], /or give --all/],
    [['dlq', 'nope'], /unknown command 'nope'/],
  ])('refuses %j in one line and touches nothing', async (args, words) => {
    const { exitCode, out, err } = await run(args, installation);
    expect([exitCode, out, err]).toEqual([2, [], [expect.stringMatching(words)]]);
    expect(installation.requests).toEqual([]);
  });
});
