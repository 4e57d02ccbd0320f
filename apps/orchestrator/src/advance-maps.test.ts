import fc from 'fast-check';
import {
  isItemId,
  itemId,
  parseDefinition,
  type Definition,
  type Task,
} from '@orchestra/workflow-core';
import type { Ports } from './ports.js';
import { redriveWorkflow } from './redrive.js';
import { startWorkflow } from './start.js';
import { advanceBatch } from './stream.js';
import { sweep } from './sweep.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const AT = '2026-01-02T03:04:05.000Z';

const mapOf = (limits: Partial<Definition['tasks'][number]>, more: object = {}) =>
  parseDefinition({
    name: 'mapped',
    ...more,
    tasks: [
      { id: 'B', function: 'A', forEach: '{% workflow.input %}', ...limits },
      { id: 'C', function: 'A', dependsOn: ['B'] },
    ],
  });

/** What a worker does with a map: claims it, stores its items, suspends it. */
async function expand({ repository }: Bench, count: number): Promise<Task> {
  const [map] = await repository.getTasks('w', ['B']);
  const { epoch = 1, version = 1, items } = map ?? {};
  const claimId = `claim ${epoch}`;
  const common = { workflowId: 'w', taskId: 'B', claimId, at: AT };
  await repository.apply([{ ...common, kind: 'claim', epoch, version, leaseUntil: AT }]);
  const list = items ?? {
    ...(await repository.putList({ workflowId: 'w', key: 'k', expiresAt: 1 }, new Array(count))),
    hash: 'h',
    since: epoch,
  };
  await repository.apply([{ ...common, kind: 'suspend', items: list }]);
  return (await repository.getTasks('w', ['B']))[0] as Task;
}

async function started(definition: Definition, count: number): Promise<[Bench, Task]> {
  const bench = createBench();
  await bench.repository.putDefinition(definition, AT);
  await startWorkflow(bench.ports, {
    mode: 'start',
    workflowId: 'w',
    definition: { name: 'mapped' },
  });
  return [bench, await expand(bench, count)];
}

const pass = (ports: Ports, ...tasks: Task[]) =>
  advanceBatch(
    ports,
    tasks.map((task, index) => ({ sequenceNumber: String(index + 1), task })),
    never,
  );

const itemsOf = async ({ repository }: Bench) =>
  ((await repository.getWorkflowWithTasks('w'))?.tasks ?? []).filter(({ taskId }) =>
    isItemId(taskId),
  );
const active = async (bench: Bench) =>
  (await itemsOf(bench)).filter(({ status }) => status === 'READY' || status === 'RUNNING');
const statusOf = async ({ repository }: Bench, id: string) =>
  (await repository.getTasks('w', [id]))[0]?.status;

describe('the items of a map', () => {
  it('start once it is expanded, and are dispatched in messages of 25', async () => {
    const [bench, map] = await started(mapOf({}), 60);
    await pass(bench.ports, map);
    expect(await active(bench)).toHaveLength(60);
    expect(bench.messages.map(({ tasks }) => tasks.length)).toEqual([1, 25, 25, 10]);
  });

  it('are read by nobody in one container, to the end', async () => {
    const [bench, map] = await started(mapOf({ maxConcurrency: 2 }), 5);
    bench.reads.length = 0;
    await pass(bench.ports, map);
    for (const index of [1, 0, 2, 4, 3])
      await pass(bench.ports, await bench.end(itemId('B', index), 'succeed', [itemId('B', 9)]));
    expect(bench.reads).toEqual([]);
    expect(await statusOf(bench, 'B')).toBe('SUCCEEDED');
    expect(bench.counts.get('SweeperRepairs')).toBeUndefined();
  });

  it('end the map, of which the record then starts what depends on it', async () => {
    const [bench, map] = await started(mapOf({}), 2);
    await pass(bench.ports, map);
    const first = await bench.end('B[0]', 'succeed');
    await pass(bench.ports, first);
    expect(await statusOf(bench, 'B')).toBe('RUNNING');
    await pass(bench.anotherContainer(), await bench.end('B[1]', 'succeed'));
    expect(await statusOf(bench, 'B')).toBe('SUCCEEDED');
    const [ended] = await bench.repository.getTasks('w', ['B']);
    await pass(bench.ports, ended as Task);
    expect(await statusOf(bench, 'C')).toBe('READY');
  });

  it('start no sooner when the expansion comes again', async () => {
    const [bench, map] = await started(mapOf({ maxConcurrency: 2 }), 6);
    await pass(bench.ports, map);
    await pass(bench.ports, await bench.end('B[0]', 'succeed'));
    for (const ports of [bench.ports, bench.anotherContainer()]) {
      await pass(ports, map);
      expect(await active(bench)).toHaveLength(2);
    }
  });

  it('are dispatched once more when the pass that started them died before it told a worker', async () => {
    const [bench, map] = await started(mapOf({ maxConcurrency: 1 }), 3);
    await pass(bench.ports, map);
    const first = await bench.end('B[0]', 'succeed');
    bench.refuseDispatches(1);
    expect(await pass(bench.ports, first)).toEqual({ failedFrom: '1' });
    bench.messages.length = 0;
    await pass(bench.anotherContainer(), first);
    expect(dispatched(bench.messages)).toEqual(['B[1]']);
  });

  it('are dispatched once more when the expansion comes again to who knows the map by now', async () => {
    const [bench, map] = await started(mapOf({}), 3);
    bench.refuseDispatches(1);
    expect(await pass(bench.ports, map)).toEqual({ failedFrom: '1' });
    const other = bench.anotherContainer();
    await pass(other, await bench.end('B[0]', 'succeed'));
    bench.messages.length = 0;
    await pass(other, map);
    expect(dispatched(bench.messages)).toEqual(['B[1]', 'B[2]']);
  });

  it('are started by the sweep when nobody else did, within the limit', async () => {
    const [bench] = await started(mapOf({ maxConcurrency: 2 }), 4);
    bench.advanceTime(61_000);
    await sweep(bench.ports, () => false);
    expect((await active(bench)).map(({ taskId }) => taskId)).toEqual(['B[0]', 'B[1]']);
    await bench.end('B[0]', 'succeed');
    await bench.end('B[1]', 'fail');
    bench.advanceTime(400_000);
    await sweep(bench.ports, () => false);
    expect((await active(bench)).map(({ taskId }) => taskId)).toEqual(['B[2]', 'B[3]']);
    for (const id of ['B[2]', 'B[3]']) await bench.end(id, 'succeed');
    bench.advanceTime(400_000);
    await sweep(bench.ports, () => false);
    expect(await statusOf(bench, 'B')).toBe('FAILED');
  });

  it('that succeeded stay in a redrive, and the others hold to maxConcurrency', async () => {
    const [bench, map] = await started(mapOf({ maxConcurrency: 2 }), 6);
    await pass(bench.ports, map);
    for (const [index, outcome] of (
      ['fail', 'fail', 'fail', 'succeed', 'fail', 'succeed'] as const
    ).entries())
      await pass(bench.ports, await bench.end(itemId('B', index), outcome));
    const [failed] = await bench.repository.getTasks('w', ['B']);
    await pass(bench.ports, failed as Task);
    await redriveWorkflow(bench.ports, {
      mode: 'redrive',
      workflowId: 'w',
      token: 't',
      selection: { kind: 'unfinished' },
    });
    await pass(bench.anotherContainer(), await expand(bench, 6));
    expect((await active(bench)).map(({ taskId }) => taskId)).toEqual(['B[0]', 'B[1]']);
    for (const id of ['B[0]', 'B[1]', 'B[2]', 'B[4]'])
      await pass(bench.anotherContainer(), await bench.end(id, 'succeed'));
    expect(await statusOf(bench, 'B')).toBe('SUCCEEDED');
  });

  it('that have not started are skipped when another task fails fast', async () => {
    const definition = parseDefinition({
      name: 'mapped',
      failFast: true,
      tasks: [
        { id: 'B', function: 'A', forEach: [1], maxConcurrency: 1 },
        { id: 'X', function: 'A' },
      ],
    });
    const [bench, map] = await started(definition, 3);
    await pass(bench.ports, map);
    await pass(bench.anotherContainer(), await bench.end('X', 'fail'));
    expect((await itemsOf(bench)).map(({ status }) => status)).toEqual([
      'READY',
      'SKIPPED',
      'SKIPPED',
    ]);
    await pass(bench.anotherContainer(), await bench.end('B[0]', 'succeed'));
    expect(await statusOf(bench, 'B')).toBe('FAILED');
  });
});

it('never starts more than maxConcurrency, and all at last, whoever is told of what, how often and in which order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ which: fc.nat(), container: fc.nat(2), again: fc.boolean() }), {
        minLength: 60,
        maxLength: 60,
      }),
      async (count, maxConcurrency, choices) => {
        const [bench, map] = await started(mapOf({ maxConcurrency }), count);
        const containers = [bench.ports, bench.anotherContainer(), bench.anotherContainer()];
        const told: Task[] = [map];
        let untold: Task[] = [map];
        for (const { which, container, again } of choices) {
          const ports = containers[container] as Ports;
          const running = await active(bench);
          expect(running.length).toBeLessThanOrEqual(maxConcurrency);
          const next = running[which % Math.max(1, running.length)];
          if (again) await pass(ports, told[which % told.length] as Task);
          else if (untold.length > 0 && (which % 2 === 0 || !next)) {
            const [record, ...rest] = untold;
            untold = rest;
            told.push(record as Task);
            await pass(ports, record as Task);
          } else if (next) untold.push(await bench.end(next.taskId, 'succeed'));
        }
        for (
          let rest = 0;
          rest < 3 * count && (await statusOf(bench, 'B')) === 'RUNNING';
          rest += 1
        ) {
          for (const record of untold.splice(0)) await pass(bench.anotherContainer(), record);
          for (const { taskId } of await active(bench))
            untold.push(await bench.end(taskId, 'succeed'));
        }
        expect(await statusOf(bench, 'B')).toBe('SUCCEEDED');
        expect(await itemsOf(bench)).toHaveLength(count);
      },
    ),
    { numRuns: 150 },
  );
});
