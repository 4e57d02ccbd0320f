/** Puts a run together: the table and what follows it, the Lambdas, the queue, and the engine's ports on all of them. */
import {
  DispatchError,
  Memory,
  type StreamOutcome,
  type StreamRecord,
} from '@orchestra/orchestrator/engine';
import {
  createGraphCache,
  diamond,
  type Graph,
  type Transition,
  type WorkMessage,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import { Violation, expect, type InvariantName } from '../checks/violation.js';
import { Watch } from '../checks/watch.js';
import { DueIndex } from './due-index.js';
import type { Engine, OrchestratorPorts, WorkerPorts } from './engine.js';
import { evaluate } from './expressions.js';
import { Faults, type Mix } from './faults.js';
import { Kernel, START_MS } from './kernel.js';
import { Lambda, type Ended, type Invocation, type Role, type Service } from './lambda.js';
import { Queue } from './queue.js';
import { createRepository, type Store } from './repository.js';
import { drawScenario, type Scenario } from './scenario.js';
import { Stream } from './stream.js';
import { Table, isMeta } from './table.js';
import { Ledger } from './tasks.js';

/** What the product is deployed with. */
const ORCHESTRATOR_TIMEOUT_MS = 60_000;
const WORKER_TIMEOUT_MS = 900_000;
const BATCH_MARGIN_MS = 5_000;
const SWEEP_MARGIN_MS = 10_000;
const WORKER_SETTINGS = { taskTimeoutMs: 60_000, leaseMarginMs: 15_000 };

const QUEUE: Service = {
  name: 'queue',
  refusal: () => new DispatchError('the simulated queue refuses'),
};
const POISON: Service = {
  name: 'failure queue',
  refusal: () => new Error('the simulated queue refuses'),
};
const TASK: Service = { name: 'task' };

/** A container keeps its memory and the graphs it has loaded. */
interface OrchestratorState {
  readonly memory: Memory;
  readonly graphs: GraphCache;
}

interface GraphCache {
  graph?: (ref: { name: string; revision: number }) => Promise<Graph>;
  repository?: Pick<WorkflowRepository, 'getDefinition'>;
}

export interface WorldOptions {
  readonly seed: number;
  readonly engine: Engine;
  readonly mix?: Mix;
  readonly tell?: (line: string) => void;
}

export class World {
  readonly kernel: Kernel;
  readonly faults: Faults;
  readonly scenario: Scenario;
  readonly table: Table;
  readonly ledger = new Ledger();
  readonly watch: Watch;
  readonly stream: Stream;
  readonly queue: Queue;
  readonly counted = new Map<string, number>();
  private readonly engine: Engine;
  private readonly store: Store;
  private readonly orchestrator: Lambda<OrchestratorState>;
  private readonly worker: Lambda<GraphCache>;
  /** Told of each change of a workflow's items. */
  onChange: (workflowId: string) => void = () => {};
  dispatched = 0;
  /** When a status last changed. */
  movedAt = START_MS;
  private claims = 0;

  constructor({ seed, engine, mix, tell }: WorldOptions) {
    this.engine = engine;
    this.kernel = new Kernel(seed, tell);
    const { kernel } = this;
    this.faults = new Faults(kernel, mix);
    const { faults } = this;
    this.scenario = drawScenario(kernel.random, faults);
    const index = new DueIndex(kernel, faults);
    this.stream = new Stream(kernel, faults, (records) => this.advance(records));
    this.queue = new Queue(kernel, faults, (message) => this.work(message));
    this.table = new Table((change) => {
      if (change.before?.['status']?.S !== change.after['status']?.S) this.movedAt = kernel.now;
      this.guard(() => this.watch.change(change));
      if (isMeta(change.after)) index.follow(change.after);
      this.stream.follow(change);
      this.onChange((change.after['pk']?.S ?? '').slice('WORKFLOW#'.length));
    });
    this.watch = new Watch(this.table, this.ledger, this.scenario.definitions);
    this.store = {
      table: this.table,
      index,
      random: kernel.random,
      definitions: new Map(
        [...this.scenario.definitions].map(([name, revisions]) => [name, [...revisions]]),
      ),
      changeOf: (transition: Transition) => engine.changeOf(transition),
    };
    this.orchestrator = new Lambda(kernel, faults, 'O', () => ({
      memory: new Memory(),
      graphs: {},
    }));
    this.worker = new Lambda<GraphCache>(kernel, faults, 'W', () => ({}));
  }

  get isIdle(): boolean {
    return (
      this.stream.isIdle &&
      this.queue.open === 0 &&
      this.orchestrator.running === 0 &&
      this.worker.running === 0
    );
  }

  /** One container of the orchestrator remembers all there is to remember. */
  get hasOneMemory(): boolean {
    return this.orchestrator.made === 1;
  }

  /** A caller that waits for the answer. */
  call<Answer>(
    role: Role,
    handle: (engine: Engine, ports: OrchestratorPorts) => Promise<Answer>,
  ): Promise<Ended<Answer>> {
    return this.orchestrator.invoke(role, this.timeout(ORCHESTRATOR_TIMEOUT_MS), (by, state) =>
      handle(this.engine, this.orchestratorPorts(by, state)),
    );
  }

  async sweep(): Promise<void> {
    const timeoutMs = this.timeout(ORCHESTRATOR_TIMEOUT_MS);
    const end = this.kernel.now + timeoutMs - SWEEP_MARGIN_MS;
    await this.orchestrator.invoke('sweep', timeoutMs, (by, state) =>
      this.engine.sweep(this.orchestratorPorts(by, state), () => this.kernel.now > end),
    );
  }

  /** What an invariant says of this moment ends the run. */
  guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.kernel.fail(error);
    }
  }

  violate(invariant: InvariantName, what: string): void {
    this.kernel.fail(new Violation(invariant, what));
  }

  private timeout(usual: number): number {
    return this.faults.strikes('timeout') ? this.kernel.random.between(5_200, 30_000) : usual;
  }

  private async advance(records: readonly StreamRecord[]): Promise<Ended<StreamOutcome>> {
    const timeoutMs = this.timeout(ORCHESTRATOR_TIMEOUT_MS);
    let by: Invocation | undefined;
    let isUp = false;
    const ended = await this.orchestrator.invoke('stream', timeoutMs, (invocation, state) => {
      by = invocation;
      const timeIsUp = new Promise<void>((resolve) =>
        this.kernel.later(timeoutMs - BATCH_MARGIN_MS, () => {
          isUp = true;
          resolve();
        }),
      );
      return this.engine.advanceBatch(this.orchestratorPorts(invocation, state), records, timeIsUp);
    });
    if (ended.kind === 'answered' && ended.answer.failedFrom !== undefined && by?.isHurt === false)
      this.guard(() => expect(isUp, 'I17', 'a batch stopped although nothing concerned all of it'));
    for (const { task } of doneOf(records, ended)) this.guard(() => this.watch.decided(task));
    return ended;
  }

  private async work(message: WorkMessage): Promise<boolean> {
    const timeoutMs = this.timeout(WORKER_TIMEOUT_MS);
    const end = this.kernel.now + timeoutMs;
    const ended = await this.worker.invoke('worker', timeoutMs, (by, state) =>
      this.engine.work(this.workerPorts(by, state), message, () => end - this.kernel.now),
    );
    return ended.kind === 'answered';
  }

  private orchestratorPorts(
    by: Invocation,
    { memory, graphs }: OrchestratorState,
  ): OrchestratorPorts {
    const repository = createRepository(this.store, by);
    const ports: OrchestratorPorts = {
      repository,
      graph: graphsOf(graphs, repository),
      sample: () => Promise.resolve({ name: diamond.name, revision: 1 }),
      checkInput: () => [],
      dispatch: (message) =>
        by.call(QUEUE, `dispatch ${labelOf(message)}`, () => {
          this.dispatched += 1;
          this.queue.accept(message);
        }),
      memory,
      now: by.now,
      count: this.count,
      observe: () => {},
      reportPoison: ({ workflowId }) => by.call(POISON, `report ${workflowId}`, () => {}),
      log: () => {},
      settings: this.scenario.settings,
    };
    return this.engine.orchestratorPorts(ports, by);
  }

  private workerPorts(by: Invocation, graphs: GraphCache): WorkerPorts {
    const repository = createRepository(this.store, by);
    const { random } = this.kernel;
    const ports: WorkerPorts = {
      repository,
      graph: graphsOf(graphs, repository),
      invoke: async (_, payload, timeoutMs) => {
        const run = await by.call(TASK, `invoke ${payload.workflowId} ${payload.taskId}`, () => {
          this.guard(() => this.watch.execution(payload));
          const name = this.definitionOf(payload.workflowId);
          const behaviour = this.scenario.behaviourOf(name, payload.taskId, payload.attempt);
          return this.ledger.run(payload, behaviour, timeoutMs);
        });
        const frozenMs = this.faults.strikes('zombie')
          ? timeoutMs + WORKER_SETTINGS.leaseMarginMs + random.below(120_000)
          : 0;
        await by.pause(Math.max(run.ms, frozenMs));
        return run.outcome;
      },
      evaluate: async (template, context) => {
        await by.pause(random.pick([0, 1, 30]));
        return evaluate(template, context);
      },
      settings: WORKER_SETTINGS,
      now: by.now,
      pause: (milliseconds) => by.pause(milliseconds),
      random: () => random.next(),
      count: this.count,
      newClaimId: () => `c${(this.claims += 1)}`,
      log: () => {},
    };
    return this.engine.workerPorts(ports, by);
  }

  private definitionOf(workflowId: string): string {
    return this.table.workflow(workflowId)?.definition.name ?? '';
  }

  private readonly count = (metric: string, by = 1): void => {
    this.counted.set(metric, (this.counted.get(metric) ?? 0) + by);
  };
}

/** The tasks of a batch whose records are behind us. */
function doneOf(records: readonly StreamRecord[], ended: Ended<StreamOutcome>) {
  if (ended.kind !== 'answered') return [];
  const { failedFrom } = ended.answer;
  return records.flatMap((record) =>
    'task' in record &&
    (failedFrom === undefined || BigInt(record.sequenceNumber) < BigInt(failedFrom))
      ? [record]
      : [],
  );
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
