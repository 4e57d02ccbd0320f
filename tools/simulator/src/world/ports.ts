/** The engine's ports, for one invocation: everything it asks of the world is a moment of the kernel's. */
import { DispatchError, type Memory } from '@orchestra/orchestrator/engine';
import {
  createGraphCache,
  diamond,
  type Graph,
  type TaskPayload,
  type WorkMessage,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import type { OrchestratorPorts, WorkerPorts } from './engine.js';
import { evaluate } from './expressions.js';
import type { Faults } from './faults.js';
import type { Kernel } from './kernel.js';
import type { Invocation, Service } from './lambda.js';
import { createPlaces, type Places } from './places.js';
import type { Queue } from './queue.js';
import { createRepository, type Store } from './repository.js';
import type { Settings } from './scenario.js';
import { createSchedules, type Schedules } from './schedules.js';
import type { Run } from './tasks.js';

export const WORKER_SETTINGS = { taskTimeoutMs: 60_000, leaseMarginMs: 15_000 };

const QUEUE: Service = {
  name: 'queue',
  refusal: () => new DispatchError('the simulated queue refuses'),
};
const POISON: Service = {
  name: 'failure queue',
  refusal: () => new Error('the simulated queue refuses'),
};
const TASK: Service = { name: 'task' };
const SECRET_LENGTH = 32;

export interface GraphCache {
  graph?: (ref: { name: string; revision: number }) => Promise<Graph>;
  repository?: Pick<WorkflowRepository, 'getDefinition'>;
}

/** A container keeps its memory and the graphs it has loaded. */
export interface OrchestratorState {
  readonly memory: Memory;
  readonly graphs: GraphCache;
}

/** The parts of the world that ports stand for. */
export interface Surroundings {
  readonly kernel: Kernel;
  readonly faults: Faults;
  readonly store: Store;
  readonly places: Places;
  readonly schedules: Schedules;
  readonly queue: Queue;
  readonly settings: Settings;
  readonly execute: (functionName: string, payload: TaskPayload, timeoutMs: number) => Run;
  readonly count: (metric: string, by?: number) => void;
  readonly onDispatch: () => void;
  /** A number that nobody was given before. */
  readonly next: () => number;
}

export function orchestratorPorts(
  { store, places, schedules, queue, kernel, settings, count, onDispatch }: Surroundings,
  by: Invocation,
  { memory, graphs }: OrchestratorState,
): OrchestratorPorts {
  const repository = createRepository(store, by);
  return {
    repository,
    places: createPlaces(places, kernel.random, by),
    schedules: createSchedules(schedules, by),
    evaluate,
    graph: graphsOf(graphs, repository),
    sample: () => Promise.resolve({ name: diamond.name, revision: 1 }),
    checkInput: () => [],
    checkAnswer: () => [],
    dispatch: (message) =>
      by.call(QUEUE, `dispatch ${labelOf(message)}`, () => {
        onDispatch();
        queue.accept(message);
      }),
    memory,
    now: by.now,
    count,
    observe: () => {},
    reportPoison: ({ workflowId }) => by.call(POISON, `report ${workflowId}`, () => {}),
    log: () => {},
    settings,
  };
}

export function workerPorts(
  { store, places, kernel, faults, settings, execute, count, next }: Surroundings,
  by: Invocation,
  graphs: GraphCache,
): WorkerPorts {
  const repository = createRepository(store, by);
  const { random } = kernel;
  const { firstCheckMs, taskLimits } = settings;
  return {
    repository,
    places: createPlaces(places, random, by),
    graph: graphsOf(graphs, repository),
    invoke: async (name, payload, timeoutMs) => {
      const label = `invoke ${payload.workflowId} ${payload.taskId}`;
      const run = await by.call(TASK, label, () => execute(name, payload, timeoutMs));
      const frozenMs = faults.strikes('zombie')
        ? timeoutMs + WORKER_SETTINGS.leaseMarginMs + random.below(120_000)
        : 0;
      await by.pause(Math.max(run.ms, frozenMs));
      return run.outcome;
    },
    evaluate: async (template, context) => {
      await by.pause(random.pick([0, 1, 30]));
      return evaluate(template, context);
    },
    checkInput: () => [],
    settings: { ...WORKER_SETTINGS, firstCheckMs, taskLimits },
    now: by.now,
    pause: (milliseconds) => by.pause(milliseconds),
    random: () => random.next(),
    count,
    newClaimId: () => `c${next()}`,
    newSecret: () => String(next()).padStart(SECRET_LENGTH, 's'),
    log: () => {},
  };
}

/** The cache lives as long as its container; each load is a call of whoever needs it. */
function graphsOf(cache: GraphCache, repository: WorkflowRepository) {
  cache.repository = repository;
  cache.graph ??= createGraphCache({
    getDefinition: (ref) => (cache.repository ?? repository).getDefinition(ref),
  });
  return cache.graph;
}

const labelOf = ({ workflowId, tasks }: WorkMessage): string =>
  `${workflowId} ${tasks.map(({ taskId, version }) => `${taskId}v${version}`).join(',')}`;
