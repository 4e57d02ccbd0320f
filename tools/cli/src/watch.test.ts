import { Installation, run, workflowIn } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

const ready = workflowIn('w-1', 'RUNNING', { task: { status: 'PENDING', attempt: 0 } });
const running = workflowIn('w-1', 'RUNNING');

describe('watching a workflow', () => {
  it.each([
    ['SUCCESS', 0],
    ['FAILED', 1],
    ['CANCELLED', 1],
  ] as const)('ends when the workflow ends in %s, with exit code %d', async (status, exitCode) => {
    installation.add('w-1', running, workflowIn('w-1', status));
    expect(await run(['watch', 'w-1'], installation)).toMatchObject({ exitCode });
  });

  it('prints a line for every change, and none where nothing changed', async () => {
    installation.add('w-1', ready, ready, running, running, workflowIn('w-1', 'SUCCESS'));
    const { out } = await run(['watch', 'w-1'], installation);
    expect(out).toEqual([
      'workflow w-1 RUNNING',
      ...['A', 'B1', 'B2', 'B3', 'C'].map((id) => `task ${id} RUNNING`),
      ...['A', 'B1', 'B2', 'B3', 'C'].map((id) => `task ${id} SUCCEEDED after 850 ms`),
      'workflow w-1 SUCCESS',
    ]);
  });

  it('draws in place on a terminal that is high enough', async () => {
    installation.add('w-1', ready, running, workflowIn('w-1', 'SUCCESS'));
    const { out, raw } = await run(['watch', 'w-1'], installation, {
      size: { columns: 40, rows: 24 },
    });
    expect(out).toEqual([]);
    expect(raw.split('\u001b[7A\u001b[0J')).toHaveLength(3);
    for (const line of raw.replaceAll('\u001b[7A\u001b[0J', '').split('\n'))
      expect(line.length).toBeLessThan(40);
  });

  it('prints lines on a terminal that is too low', async () => {
    installation.add('w-1', workflowIn('w-1', 'SUCCESS'));
    const { out, raw } = await run(['watch', 'w-1'], installation, {
      size: { columns: 80, rows: 5 },
    });
    expect([out.length, raw]).toEqual([6, '']);
  });

  it('prints a document for every change for machines', async () => {
    installation.add('w-1', running, running, workflowIn('w-1', 'FAILED'));
    const { out } = await run(['watch', 'w-1', '--json'], installation);
    expect(out.map((line) => JSON.parse(line).status)).toEqual(['RUNNING', 'FAILED']);
  });

  it('goes on when an answer fails for a moment', async () => {
    installation.add('w-1', workflowIn('w-1', 'SUCCESS'));
    installation.failures.push({ status: 503, body: '{}' }, { status: 429, body: '' });
    expect(await run(['watch', 'w-1'], installation)).toMatchObject({ exitCode: 0, err: [] });
  });

  it('gives up when nothing has answered for half a minute', async () => {
    for (let times = 0; times < 100; times += 1)
      installation.failures.push({ status: 503, body: '' });
    const { exitCode, err } = await run(['watch', 'w-1'], installation);
    expect([exitCode, err]).toEqual([3, ['orchestra: the API refused the request (503)']]);
    expect(installation.requests).toHaveLength(61);
  });

  it('ends at once for a workflow that is not there', async () => {
    expect(await run(['watch', 'w-9'], installation)).toMatchObject({ exitCode: 1 });
    expect(installation.requests).toHaveLength(1);
  });

  it('stops at Ctrl-C without a word', async () => {
    installation.add('w-1', running);
    const interrupted = new AbortController();
    const sleep = async () => {
      interrupted.abort();
      interrupted.signal.throwIfAborted();
    };
    const ended = await run(['watch', 'w-1'], installation, {
      interrupted: interrupted.signal,
      sleep,
    });
    expect(ended).toMatchObject({ exitCode: 130, err: [] });
  });
});
