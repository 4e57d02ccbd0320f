/** A workbench for tests: the orchestrator on the in-memory repository, with everything it does on record. */
import {
  createGraphCache,
  createSampleRegistry,
  type Task,
  type Transition,
  type WorkMessage,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import { evaluateTemplate } from '@orchestra/workflow-core/data';
import {
  InMemoryPlaces,
  InMemoryRepository,
  InMemorySchedules,
} from '@orchestra/workflow-core/in-memory';
import { answerCheck, inputCheck } from '../dependencies.js';
import { Memory } from '../memory.js';
import {
  DispatchError,
  type Counter,
  type LogEntry,
  type PoisonReport,
  type Ports,
} from '../ports.js';

export interface Bench {
  readonly ports: Ports;
  /** The same table seen by another container: nothing remembered. */
  readonly anotherContainer: () => Ports;
  readonly messages: WorkMessage[];
  readonly counts: Map<Counter, number>;
  readonly durations: [string, number][];
  readonly logs: LogEntry[];
  readonly poison: { reports: PoisonReport[]; refused: boolean };
  /** Names of the read methods called, in order. */
  readonly reads: string[];
  readonly repository: InMemoryRepository;
  readonly places: InMemoryPlaces;
  readonly schedules: InMemorySchedules;
  advanceTime(milliseconds: number): void;
  /** The next `times` dispatches are refused. */
  refuseDispatches(times: number): void;
  /** The next call of the method fails with this. */
  failNext(method: keyof WorkflowRepository, error: Error): void;
  /** Claims the task and records its outcome, as a worker would; the finished item. */
  end(taskId: string, outcome: 'succeed' | 'fail', witnesses?: readonly string[]): Promise<Task>;
}

const START = Date.parse('2026-01-02T03:04:05.000Z');
const READS = new Set(['getWorkflow', 'getWorkflowWithTasks', 'getTasks', 'getWorkflowAndTasks']);

export function createBench(workflowId = 'w'): Bench {
  let now = START;
  let refusals = 0;
  const schedules = new InMemorySchedules();
  const repository = new InMemoryRepository(() => {}, schedules);
  const places = new InMemoryPlaces();
  const messages: WorkMessage[] = [];
  const counts = new Map<Counter, number>();
  const durations: [string, number][] = [];
  const logs: LogEntry[] = [];
  const poison = { reports: [] as PoisonReport[], refused: false };
  const reads: string[] = [];
  const failures = new Map<string, Error>();
  const watched = watch(repository, reads, failures);

  const portsOf = (): Ports => ({
    repository: watched,
    places,
    schedules,
    evaluate: evaluateTemplate,
    graph: createGraphCache(watched),
    sample: createSampleRegistry(watched, () => now),
    checkInput: inputCheck(),
    checkAnswer: answerCheck(),
    dispatch: async (message) => {
      if (refusals > 0) {
        refusals -= 1;
        throw new DispatchError('refused');
      }
      messages.push(message);
    },
    memory: new Memory(),
    now: () => now,
    count: (metric, by = 1) => counts.set(metric, (counts.get(metric) ?? 0) + by),
    observe: (metric, value) => durations.push([metric, value]),
    reportPoison: async (report) => {
      if (poison.refused) throw new Error('the queue is away');
      poison.reports.push(report);
    },
    log: (entry) => logs.push(entry),
    settings: { sweepGraceMs: 30_000, firstCheckMs: 60_000 },
  });

  return {
    ports: portsOf(),
    anotherContainer: portsOf,
    messages,
    counts,
    durations,
    logs,
    poison,
    reads,
    repository,
    places,
    schedules,
    advanceTime: (milliseconds) => {
      now += milliseconds;
    },
    refuseDispatches: (times) => {
      refusals = times;
    },
    failNext: (method, error) => failures.set(method, error),
    end: (taskId, outcome, witnesses) =>
      end(repository, workflowId, now, taskId, outcome, witnesses),
  };
}

/** The repository, with its reads noted and failures put in its way. */
function watch(
  repository: WorkflowRepository,
  reads: string[],
  failures: Map<string, Error>,
): WorkflowRepository {
  return new Proxy(repository, {
    get(target, name: keyof WorkflowRepository) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        if (READS.has(name)) reads.push(name);
        const failure = failures.get(name);
        failures.delete(name);
        if (failure) return Promise.reject(failure);
        return (member as (...given: unknown[]) => unknown).apply(target, given);
      };
    },
  });
}

async function end(
  repository: WorkflowRepository,
  workflowId: string,
  now: number,
  taskId: string,
  outcome: 'succeed' | 'fail',
  witnesses: readonly string[] | undefined,
): Promise<Task> {
  const at = new Date(now).toISOString();
  const [ready] = await repository.getTasks(workflowId, [taskId]);
  if (!ready) throw new Error(`${taskId} was never made ready`);
  const claimId = `claim of ${taskId}`;
  const { epoch, version } = ready;
  const leaseUntil = new Date(now + 75_000).toISOString();
  const common = { workflowId, taskId, claimId, at, ...(witnesses ? { witnesses } : {}) };
  const done: Transition =
    outcome === 'succeed'
      ? { ...common, kind: 'succeed', output: { kind: 'inline', json: '1' } }
      : {
          ...common,
          kind: 'fail',
          error: { type: 'Error', message: 'no', trace: [] },
          by: 'worker',
        };
  const claim: Transition = {
    kind: 'claim',
    workflowId,
    taskId,
    claimId,
    at,
    epoch,
    version,
    leaseUntil,
  };
  for (const transition of [claim, done]) {
    const [result] = await repository.apply([transition]);
    if (result?.kind !== 'applied') throw new Error(`${taskId} could not ${transition.kind}`);
  }
  const [ended] = await repository.getTasks(workflowId, [taskId]);
  return ended as Task;
}

/** A time that is never up. */
export const never = new Promise<never>(() => {});

export const dispatched = (messages: readonly WorkMessage[]): string[] =>
  messages.flatMap(({ tasks }) => tasks.map(({ taskId }) => taskId));
