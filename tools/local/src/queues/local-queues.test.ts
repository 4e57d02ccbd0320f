import type { FunctionModel, StackModel } from '../model.js';
import { withLocalQueues } from './local-queues.js';

const queue = (name: string) => ({
  name,
  arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
  url: `https://sqs.us-east-1.amazonaws.com/000000000000/${name}`,
});
const model: StackModel = {
  ...{ tables: [], mappings: [], schedules: [], apis: [], sites: [], skipped: [] },
  queues: [queue('Failures'), queue('Failures-2')],
  functions: [
    {
      logicalId: 'Fn',
      environment: {
        FIRST: queue('Failures').url,
        SECOND: queue('Failures-2').url,
        BOTH: JSON.stringify([queue('Failures-2').url, queue('Failures').url]),
        OTHER: 'https://sqs.us-east-1.amazonaws.com/000000000000/Others',
      },
    } as Partial<FunctionModel> as FunctionModel,
  ],
  outputs: { 'Stack.FailureQueueUrl': queue('Failures').url, 'Stack.Other': 'kept' },
};

describe('queues on this machine', () => {
  const local = withLocalQueues(model, 'http://127.0.0.1:4000');
  const urlOf = (name: string) => `http://127.0.0.1:4000/000000000000/${name}`;

  it('have the address of this machine wherever a function or an output names them', () => {
    expect(local.queues.map(({ url }) => url)).toEqual([urlOf('Failures'), urlOf('Failures-2')]);
    expect(local.functions[0]?.environment).toEqual({
      FIRST: urlOf('Failures'),
      SECOND: urlOf('Failures-2'),
      BOTH: JSON.stringify([urlOf('Failures-2'), urlOf('Failures')]),
      OTHER: 'https://sqs.us-east-1.amazonaws.com/000000000000/Others',
    });
    expect(local.outputs).toEqual({
      'Stack.FailureQueueUrl': urlOf('Failures'),
      'Stack.Other': 'kept',
    });
  });

  it('keep their ARNs, by which failures are sent to them', () => {
    expect(local.queues.map(({ arn }) => arn)).toEqual(model.queues.map(({ arn }) => arn));
  });
});
