import { parseDefinition, type Task, type TaskDefinition } from '@orchestra/workflow-core';
import { START, createBench, messageOf, originOf, succeed } from './testing/bench.js';
import { work } from './work.js';

const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const plenty = () => 900_000;
/** When META is due as long as nobody asks for more. */
const REGULAR = at(60);

async function claimed(task: Partial<TaskDefinition>) {
  const definition = parseDefinition({ name: 'waits', tasks: [{ id: 'T', ...task }] });
  const bench = await createBench(() => succeed(1), definition, { nextCheckAt: REGULAR });
  await bench.ready('T');
  await work(bench.ports, messageOf(definition, 'T'), plenty);
  const task_ = await bench.taskOf('T');
  const meta = await bench.repository.getWorkflow('w');
  return { ...bench, definition, task: task_, meta };
}
const outputOf = ({ output }: Task) =>
  output?.kind === 'inline' ? (JSON.parse(output.json) as unknown) : undefined;

describe('a task that waits', () => {
  it('is held by nobody until its seconds are over, and the sweep is due then', async () => {
    const { task, meta, invoked } = await claimed({ wait: { seconds: 20 } });
    expect(task).toMatchObject({ status: 'RUNNING', suspendedAt: at(0), wakeAt: at(20) });
    expect(task.leaseUntil).toBeUndefined();
    expect(meta?.nextCheckAt).toBe(at(20));
    expect(invoked).toEqual([]);
  });

  it('makes nothing due later than it is', async () => {
    const { meta } = await claimed({ wait: { seconds: 86_400 } });
    expect(meta).toMatchObject({ nextCheckAt: REGULAR, version: 1 });
  });

  it.each([
    ['a moment', '2026-01-02T04:00:00Z', '2026-01-02T04:00:00.000Z'],
    ['a moment of another zone', '2026-01-02T06:00+02:00', '2026-01-02T04:00:00.000Z'],
    [
      'an expression',
      '{% $fromMillis(1767326400000 + workflow.input.n) %}',
      '2026-01-02T04:00:00.007Z',
    ],
  ])('waits until %s', async (_, until, wakeAt) => {
    expect((await claimed({ wait: { until } })).task).toMatchObject({ status: 'RUNNING', wakeAt });
  });

  it('is over at once when the moment has passed', async () => {
    const { task, meta } = await claimed({ wait: { until: '2026-01-02T03:04:05Z' } });
    expect(task).toMatchObject({ status: 'SUCCEEDED', version: 3 });
    expect(outputOf(task)).toEqual({ until: '2026-01-02T03:04:05.000Z' });
    expect(meta?.version).toBe(1);
  });

  it.each([
    [
      'no moment',
      '{% workflow.input.n %}',
      'ExpressionFailed',
      'until: must give a moment such as 2030-01-31T12:00:00Z, and gave 7',
    ],
    [
      'nothing',
      '{% workflow.input.no %}',
      'ExpressionFailed',
      'until: must give a moment such as 2030-01-31T12:00:00Z, and gave nothing',
    ],
    [
      'a day without a time',
      '{% "2030-01-31" %}',
      'ExpressionFailed',
      'until: must give a moment such as 2030-01-31T12:00:00Z, and gave "2030-01-31"',
    ],
    [
      'a moment too far away',
      '2030-01-31T12:00:00Z',
      'WaitTooLong',
      'until: 2030-01-31T12:00:00.000Z is further away than the limit of 31622400 s',
    ],
  ])('fails when its expression gives %s', async (_, until, type, message) => {
    const { task } = await claimed({ wait: { until } });
    expect(task).toMatchObject({ status: 'FAILED', error: { type, message } });
  });

  it('does not wait when its condition is false', async () => {
    const { task } = await claimed({ wait: { seconds: 20 }, when: '{% workflow.input.n > 7 %}' });
    expect(task).toMatchObject({ status: 'SKIPPED', reason: 'CONDITION_FALSE' });
  });

  it('counts from its first claim, whichever workers died since', async () => {
    const definition = parseDefinition({
      name: 'waits',
      tasks: [{ id: 'T', wait: { seconds: 90 } }],
    });
    const bench = await createBench(() => succeed(1), definition, { nextCheckAt: REGULAR });
    const { repository, ports } = bench;
    await bench.ready('T');
    const common = { workflowId: 'w', taskId: 'T', claimId: 'of the dead' };
    await repository.apply([
      { ...common, kind: 'claim', epoch: 1, version: 1, leaseUntil: at(75), at: at(0) },
    ]);
    bench.advanceTime(80_000);
    const pastAttempts = await repository.putPayload(
      { workflowId: 'w', key: 'past', expiresAt: originOf(definition).expiresAt },
      [{ attempt: 1, epoch: 1, status: 'RUNNING', startedAt: at(0), endedAt: at(80) }],
    );
    const rerun = { ...common, attempt: 2, retries: 0, lost: 1, pastAttempts, at: at(80) };
    await repository.apply([{ ...rerun, kind: 'rerun', by: 'sweep' }]);
    const tasks = [{ taskId: 'T', version: 3, attempt: 2 }];
    await work(ports, { ...messageOf(definition, 'T'), tasks }, plenty);
    expect(await bench.taskOf('T')).toMatchObject({ startedAt: at(80), wakeAt: at(90) });
  });
});

describe('a task that waits for an answer', () => {
  it('has a secret of its own and a deadline, and calls nothing', async () => {
    const { task, invoked } = await claimed({ callback: { timeoutSeconds: 30 } });
    expect(task).toMatchObject({
      status: 'RUNNING',
      suspendedAt: at(0),
      wakeAt: at(30),
      callback: { secret: '1'.padStart(32, 's'), openedAt: at(0) },
    });
    expect(task.leaseUntil).toBeUndefined();
    expect(invoked).toEqual([]);
  });

  it('keeps what whoever answers is shown, and nothing where the definition says nothing', async () => {
    const callback = { timeoutSeconds: 30 };
    const { task } = await claimed({ callback, input: { amount: '{% workflow.input.n %}' } });
    expect(task.input).toEqual({ kind: 'inline', json: '{"amount":7}' });
    expect((await claimed({ callback })).task.input).toBeUndefined();
  });

  it('is not asked when its condition is false', async () => {
    const { task } = await claimed({ callback: { timeoutSeconds: 30 }, when: '{% false %}' });
    expect(task).toMatchObject({ status: 'SKIPPED', reason: 'CONDITION_FALSE' });
    expect(task.callback).toBeUndefined();
  });
});

describe('items of a map that wait', () => {
  it('have moments and inputs of their own', async () => {
    const definition = parseDefinition({
      name: 'waits',
      tasks: [
        {
          id: 'M',
          forEach: ['2026-01-02T04:00:00Z', '2026-01-02T05:00:00Z'],
          wait: { until: '{% item %}' },
        },
        { id: 'K', forEach: ['a', 'b'], callback: { timeoutSeconds: 30 } },
      ],
    });
    const bench = await createBench(() => succeed(1), definition);
    await bench.ready('M', 'K');
    await work(bench.ports, messageOf(definition, 'M', 'K'), plenty);
    await bench.ready('M[1]', 'K[1]');
    await work(bench.ports, messageOf(definition, 'M[1]', 'K[1]'), plenty);
    expect(await bench.taskOf('M[1]')).toMatchObject({ wakeAt: '2026-01-02T05:00:00.000Z' });
    expect(await bench.taskOf('K[1]')).toMatchObject({
      input: { kind: 'inline', json: '{"item":"b"}' },
      callback: { openedAt: at(0) },
    });
  });
});
