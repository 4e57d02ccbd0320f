import { parseDefinition } from '@orchestra/workflow-core';
import { startWorkflow } from './start.js';
import { advanceBatch } from './stream.js';
import { sweep } from './sweep.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const inTime = () => false;
const HOUR = 3_600_000;

const definition = parseDefinition({
  name: 'later',
  tasks: [
    { id: 'W', wait: { seconds: 3_600 } },
    { id: 'C', function: 'A', dependsOn: ['W'] },
  ],
});

/** A workflow that waits, as a worker leaves it. */
async function waiting(): Promise<Bench> {
  const bench = createBench();
  const { ports, repository } = bench;
  const at = new Date(ports.now()).toISOString();
  await repository.putDefinition(definition, at);
  const start = { mode: 'start', workflowId: 'w', definition: { name: 'later' } } as const;
  await startWorkflow(ports, start);
  const wakeAt = new Date(ports.now() + HOUR).toISOString();
  const mine = { workflowId: 'w', taskId: 'W', claimId: 'c', at };
  await repository.apply([{ ...mine, kind: 'claim', epoch: 1, version: 1, leaseUntil: wakeAt }]);
  await repository.apply([{ ...mine, kind: 'suspend', wakeAt }]);
  return bench;
}
const taskOf = async ({ repository }: Bench) => (await repository.getTasks('w', ['W']))[0];

describe('a wait', () => {
  it('is over when its time has come, and not before', async () => {
    const bench = await waiting();
    const wakeAt = new Date(bench.ports.now() + HOUR).toISOString();
    for (const minutes of [1, 30, 28]) {
      bench.advanceTime(minutes * 60_000);
      await sweep(bench.ports, inTime);
    }
    bench.advanceTime(59_999);
    expect(await sweep(bench.ports, inTime)).toMatchObject({ checked: 0 });
    expect(await taskOf(bench)).toMatchObject({ status: 'RUNNING' });
    bench.advanceTime(1);
    expect(await sweep(bench.ports, inTime)).toEqual({ checked: 1, repaired: 0, failed: 0 });
    expect(await taskOf(bench)).toMatchObject({
      ...{ status: 'SUCCEEDED', endedBy: 'sweep', endedAt: wakeAt },
      output: { kind: 'inline', json: JSON.stringify({ until: wakeAt }) },
    });
    expect(bench.counts.get('SweeperRepairs')).toBeUndefined();
  });

  it('is looked at once while it lasts, however long that is', async () => {
    const bench = await waiting();
    let checked = 0;
    for (let minute = 1; minute < 60; minute += 1) {
      bench.advanceTime(60_000);
      checked += (await sweep(bench.ports, inTime)).checked;
    }
    expect(checked).toBe(1);
  });

  it('is ended once by two sweeps at once', async () => {
    const bench = await waiting();
    bench.advanceTime(HOUR);
    const reports = await Promise.all([
      sweep(bench.ports, inTime),
      sweep(bench.anotherContainer(), inTime),
    ]);
    expect(reports.map(({ failed }) => failed)).toEqual([0, 0]);
    expect(await taskOf(bench)).toMatchObject({ status: 'SUCCEEDED', version: 4 });
  });

  it('goes on by its record', async () => {
    const bench = await waiting();
    bench.advanceTime(HOUR);
    await sweep(bench.ports, inTime);
    const task = await taskOf(bench);
    if (!task) throw new Error('the task is gone');
    await advanceBatch(bench.ports, [{ sequenceNumber: '1', task }], never);
    expect(dispatched(bench.messages)).toEqual(['W', 'C']);
  });

  it('goes on after the grace when its record is lost', async () => {
    const bench = await waiting();
    bench.advanceTime(HOUR);
    await sweep(bench.ports, inTime);
    bench.advanceTime(bench.ports.settings.sweepGraceMs);
    expect(await sweep(bench.ports, inTime)).toMatchObject({ checked: 1, repaired: 1 });
    expect(dispatched(bench.messages)).toEqual(['W', 'C']);
  });
});
