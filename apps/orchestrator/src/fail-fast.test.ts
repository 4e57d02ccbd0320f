import {
  parseDefinition,
  type Transition,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import type { Ports } from './ports.js';
import { startWorkflow } from './start.js';
import { advanceBatch } from './stream.js';
import { sweep } from './sweep.js';
import { createBench, dispatched, never, type Bench } from './testing/bench.js';

const fast = parseDefinition({
  name: 'fast',
  failFast: true,
  tasks: [
    { id: 'A', function: 'A' },
    { id: 'B', function: 'A' },
    { id: 'C', function: 'A', dependsOn: ['B'] },
    { id: 'D', function: 'A', dependsOn: ['A'], triggerRule: 'all_done' },
  ],
});

async function started(): Promise<Bench> {
  const bench = createBench();
  await bench.repository.putDefinition(fast, '2026-01-02T03:04:05.000Z');
  await startWorkflow(bench.ports, {
    mode: 'start',
    workflowId: 'w',
    definition: { name: 'fast', revision: 1 },
  });
  return bench;
}

async function ends(
  bench: Bench,
  taskId: string,
  outcome: 'succeed' | 'fail',
  ports = bench.ports,
) {
  const task = await bench.end(taskId, outcome);
  await advanceBatch(ports, [{ sequenceNumber: '100', task }], never);
}

const tasksOf = async ({ repository }: Bench) =>
  Object.fromEntries(
    (await repository.getWorkflowWithTasks('w'))?.tasks.map(({ taskId, status, reason }) => [
      taskId,
      reason ? `${status} ${reason}` : status,
    ]) ?? [],
  );

/** At the moment a skip of `taskId` is to be written, another pass has just made it READY. */
function beatenTo(taskId: string, bench: Bench): Ports {
  const { ports, repository } = bench;
  const apply: WorkflowRepository['apply'] = async (transitions) => {
    const skip = transitions.find((each) => each.kind === 'skip' && each.taskId === taskId);
    if (skip?.kind === 'skip') {
      const { origin, at } = skip;
      const ready: Transition = { kind: 'ready', origin, taskId, by: 'stream', at };
      await repository.apply([ready]);
    }
    return repository.apply(transitions);
  };
  const watched = new Proxy(repository, {
    get: (target, name: keyof WorkflowRepository) => (name === 'apply' ? apply : target[name]),
  });
  return { ...ports, repository: watched };
}

describe('a definition that fails fast', () => {
  it('starts nothing after a failure, lets what runs end, and then ends FAILED', async () => {
    const bench = await started();
    await ends(bench, 'A', 'fail');
    expect(await tasksOf(bench)).toEqual({
      A: 'FAILED',
      B: 'READY',
      C: 'SKIPPED FAIL_FAST',
      D: 'SKIPPED FAIL_FAST',
    });
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'RUNNING' });
    await ends(bench, 'B', 'succeed');
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'FAILED' });
    expect(new Set(dispatched(bench.messages))).toEqual(new Set(['A', 'B']));
  });

  it('does not end before a task that another pass began at the same moment', async () => {
    const bench = await started();
    await ends(bench, 'B', 'succeed', {
      ...bench.anotherContainer(),
      repository: onlyReads(bench),
    });
    await ends(bench, 'A', 'fail', beatenTo('C', bench));
    expect(await tasksOf(bench)).toMatchObject({ C: 'READY', D: 'SKIPPED FAIL_FAST' });
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'RUNNING' });
    expect(dispatched(bench.messages)).toContain('C');
    await ends(bench, 'C', 'succeed');
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'FAILED' });
  });

  it('is made up for by the sweep, but not while the failure is young', async () => {
    const bench = await started();
    await bench.end('A', 'fail');
    await bench.end('B', 'succeed');
    bench.advanceTime(60_000 - 1);
    await sweep(
      { ...bench.ports, settings: { sweepGraceMs: 90_000, firstCheckMs: 0 } },
      () => false,
    );
    expect(await tasksOf(bench)).toEqual({ A: 'FAILED', B: 'SUCCEEDED' });
    bench.advanceTime(60_000);
    await sweep(bench.ports, () => false);
    expect(await tasksOf(bench)).toMatchObject({ C: 'SKIPPED FAIL_FAST', D: 'SKIPPED FAIL_FAST' });
    expect(await bench.repository.getWorkflow('w')).toMatchObject({ status: 'FAILED' });
  });
});

/** A pass that dies before it writes. */
function onlyReads({ repository }: Bench): WorkflowRepository {
  return new Proxy(repository, {
    get: (target, name: keyof WorkflowRepository) =>
      name === 'apply' ? async () => [] : target[name],
  });
}

it('what follows from a skip begins only if that skip is the one that was decided', async () => {
  const definition = parseDefinition({
    name: 'fast',
    tasks: [
      { id: 'A', function: 'A' },
      { id: 'B', function: 'A', dependsOn: ['A'] },
      { id: 'C', function: 'A', dependsOn: ['B'], triggerRule: 'all_failed' },
    ],
  });
  const bench = createBench();
  await bench.repository.putDefinition(definition, '2026-01-02T03:04:05.000Z');
  await startWorkflow(bench.ports, {
    mode: 'start',
    workflowId: 'w',
    definition: { name: 'fast', revision: 1 },
  });
  const { repository } = bench;
  const apply: WorkflowRepository['apply'] = async (transitions) => {
    const skip = transitions.find((each) => each.kind === 'skip' && each.taskId === 'B');
    // An operator is faster, for a reason of their own.
    if (skip?.kind === 'skip')
      await repository.apply([{ ...skip, reason: 'OPERATOR', by: 'operator' }]);
    return repository.apply(transitions);
  };
  const watched = new Proxy(repository, {
    get: (target, name: keyof WorkflowRepository) => (name === 'apply' ? apply : target[name]),
  });
  await ends(bench, 'A', 'fail', { ...bench.ports, repository: watched });
  expect(await tasksOf(bench)).toEqual({
    A: 'FAILED',
    B: 'SKIPPED OPERATOR',
    C: 'SKIPPED UPSTREAM_SKIPPED',
  });
});
