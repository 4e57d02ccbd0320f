import type { Task } from '@orchestra/api-contract';
import { Installation, NOW, run, workflowIn } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

const begun = { dependsOn: [] as string[], attempt: 1, startedAt: NOW };
const map: Task = {
  ...begun,
  taskId: 'B',
  kind: 'function',
  function: 'B1',
  forEach: true,
  items: { count: 3 },
  status: 'RUNNING',
  suspendedAt: NOW,
};
const wait: Task = {
  ...begun,
  taskId: 'W',
  kind: 'wait',
  status: 'RUNNING',
  suspendedAt: NOW,
  wakeAt: '2030-01-01T01:00:00.000Z',
};
const hook: Task = {
  taskId: 'tell',
  kind: 'function',
  function: 'C',
  hook: 'onFailure',
  status: 'PENDING',
  dependsOn: [],
  attempt: 0,
};
const mapped = (status: 'RUNNING' | 'SUCCESS', tasks = [map, wait, hook]) =>
  workflowIn('w-1', status, { tasks });
const itemOf = (index: number, changes: Partial<Task> = {}): Task => ({
  ...begun,
  taskId: `B[${index}]`,
  kind: 'function',
  function: 'B1',
  map: 'B',
  label: `photo ${index}`,
  status: 'SUCCEEDED',
  durationMs: 10,
  ...changes,
});
const detailOf = (task: Task, byStatus: object) => ({
  ...task,
  items: { count: 3, byStatus },
  attempts: [],
});

/** One answer after another about the map; the last one stays. */
function counts(...byStatus: object[]): void {
  installation.answers.set('GET /workflows/w-1/tasks/B', () =>
    detailOf(map, (byStatus.length > 1 ? byStatus.shift() : byStatus[0]) ?? {}),
  );
}

describe('the table of a workflow', () => {
  it('says what each task does, how far a map has come, and until when a task waits', async () => {
    installation.add('w-1', mapped('RUNNING'));
    counts({ SUCCEEDED: 1, PENDING: 2 });
    const { out } = await run(['get', 'w-1'], installation);
    expect(out.slice(1)).toEqual([
      'TASK  DOES          STATUS   ATTEMPT  STARTED                   DURATION  WHY',
      `B     B1 1/3        RUNNING  1        ${NOW}  -`,
      `W     wait          RUNNING  1        ${NOW}  -         until 2030-01-01T01:00:00.000Z`,
      'tell  onFailure: C  PENDING  -        -                         -',
    ]);
  });

  it('asks for no items where there is no map', async () => {
    installation.add('w-1', workflowIn('w-1', 'SUCCESS'));
    await run(['get', 'w-1'], installation);
    expect(installation.requests).toEqual(['GET /prod/workflows/w-1']);
  });
});

describe('watching a map', () => {
  it('tells each time that more of its items have ended', async () => {
    const ended: Task = { ...map, status: 'SUCCEEDED', durationMs: 99, suspendedAt: undefined };
    installation.add('w-1', ...Array(4).fill(mapped('RUNNING', [map])), mapped('SUCCESS', [ended]));
    counts({ PENDING: 3 }, { SUCCEEDED: 2, RUNNING: 1 }, { SUCCEEDED: 2, RUNNING: 1 });
    expect((await run(['watch', 'w-1'], installation)).out).toEqual([
      'task B RUNNING 0/3',
      'workflow w-1 RUNNING',
      'task B RUNNING 2/3',
      'task B SUCCEEDED 3/3 after 99 ms',
      'workflow w-1 SUCCESS',
    ]);
  });

  it('counts a large one more seldom', async () => {
    const large: Task = { ...map, items: { count: 2_000 } };
    installation.add(
      'w-1',
      ...Array(25).fill(mapped('RUNNING', [large])),
      mapped('SUCCESS', [large]),
    );
    counts({ PENDING: 2_000 });
    await run(['watch', 'w-1'], installation);
    // Half a second between two looks: 13 s, and ten from one count to the next.
    expect(installation.requests.filter((request) => request.endsWith('/tasks/B'))).toHaveLength(2);
  });
});

describe('listing tasks', () => {
  it('lists the items of a map in their order, page after page', async () => {
    const asked: string[] = [];
    installation.answers.set('GET /workflows/w-1/tasks', (search: URLSearchParams) => {
      asked.push(search.toString());
      return search.get('cursor') === null
        ? { tasks: [itemOf(0)], nextCursor: 'after' }
        : {
            tasks: [
              itemOf(1, { status: 'FAILED', error: { type: 'Bad', message: 'no', trace: [] } }),
            ],
          };
    });
    const { out, exitCode } = await run(['tasks', 'w-1', '--map', 'B', '--all'], installation);
    expect(exitCode).toBe(0);
    expect(out).toEqual([
      'ITEM  LABEL    STATUS     ATTEMPT  STARTED                   DURATION  WHY',
      `B[0]  photo 0  SUCCEEDED  1        ${NOW}  10 ms`,
      `B[1]  photo 1  FAILED     1        ${NOW}  10 ms     Bad: no`,
    ]);
    expect(asked).toEqual(['limit=1000&map=B', 'limit=1000&cursor=after&map=B']);
  });

  it('lists those of one status, as many as are asked for, and says when there are more', async () => {
    installation.answers.set('GET /workflows/w-1/tasks', { tasks: [wait], nextCursor: 'after' });
    const args = ['tasks', 'w-1', '--status', 'RUNNING', '--limit', '1'];
    const { out } = await run(args, installation);
    expect(installation.requests[0]).toBe('GET /prod/workflows/w-1/tasks?limit=1&status=RUNNING');
    expect(out.at(-1)).toBe('there are more: --limit or --all shows them');
    const { out: json } = await run([...args, '--json'], installation);
    expect(JSON.parse(json[0] ?? '')).toEqual({ tasks: [wait], more: true });
  });

  it('says when there are none', async () => {
    installation.answers.set('GET /workflows/w-1/tasks', { tasks: [] });
    expect((await run(['tasks', 'w-1', '--map', 'B'], installation)).out).toEqual(['no items']);
  });

  it.each([
    [['tasks', 'w-1', '--map', 'B[0]'], /must start with a letter or digit/],
    [['tasks', 'w-1', '--status', 'SUCCESS'], /choices are PENDING/],
  ])('refuses %j', async (args, message) => {
    const { exitCode, err } = await run(args, installation);
    expect([exitCode, err[0]]).toEqual([2, expect.stringMatching(message)]);
    expect(installation.requests).toEqual([]);
  });
});

describe('showing a task', () => {
  it('of a map counts its items', async () => {
    counts({ SUCCEEDED: 1, FAILED: 1, PENDING: 1 });
    expect((await run(['task', 'w-1', 'B'], installation)).out).toEqual([
      'B  RUNNING',
      'does    B1 x3',
      'items   1 SUCCEEDED, 1 FAILED, 1 PENDING',
      `waits   since ${NOW}`,
      'no attempt yet',
    ]);
  });

  it('that is an item says what it is called and runs for', async () => {
    const detail = { ...itemOf(2), item: { url: 'x' }, output: 7, attempts: [] };
    installation.answers.set('GET /workflows/w-1/tasks/B%5B2%5D', detail);
    expect((await run(['task', 'w-1', 'B[2]'], installation)).out).toEqual([
      'B[2]  photo 2  SUCCEEDED',
      'item    {"url":"x"}',
      'output  7',
      'no attempt yet',
    ]);
  });
});
