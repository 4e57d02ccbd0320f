/** Puts a run together: the table and what follows it, the Lambdas, the queue, and the engine's ports on all of them. */
import { Memory, type StreamOutcome, type StreamRecord } from '@orchestra/orchestrator/engine';
import type { TaskPayload, Transition, WorkMessage } from '@orchestra/workflow-core';
import { View } from '../checks/view.js';
import { Violation, expect, type InvariantName } from '../checks/violation.js';
import { Watch } from '../checks/watch.js';
import { DueIndex } from './due-index.js';
import type { Engine, OrchestratorPorts } from './engine.js';
import { Faults, type Mix } from './faults.js';
import { Kernel, START_MS } from './kernel.js';
import { LARGEST_SKEW_MS, Lambda, type Ended, type Invocation, type Role } from './lambda.js';
import { Places } from './places.js';
import {
  orchestratorPorts,
  workerPorts,
  type GraphCache,
  type OrchestratorState,
  type Surroundings,
} from './ports.js';
import { Queue } from './queue.js';
import type { Store } from './repository.js';
import { drawScenario, type Scenario } from './scenario.js';
import { Schedules } from './schedules.js';
import { Stream } from './stream.js';
import { Table, isMeta, type ItemChange } from './table.js';
import { Ledger, type Run } from './tasks.js';

/** What the product is deployed with. */
const ORCHESTRATOR_TIMEOUT_MS = 60_000;
const WORKER_TIMEOUT_MS = 900_000;
const BATCH_MARGIN_MS = 5_000;
const SWEEP_MARGIN_MS = 10_000;

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
  private readonly surroundings: Surroundings;
  readonly schedules: Schedules;
  private readonly orchestrator: Lambda<OrchestratorState>;
  private readonly worker: Lambda<GraphCache>;
  /** Told of each change of an item. */
  onChange: (change: ItemChange) => void = () => {};
  dispatched = 0;
  /** When a task, or the status of a workflow, last changed. */
  movedAt = START_MS;
  private numbers = 0;

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
      if (isMove(change)) this.movedAt = kernel.now;
      this.guard(() => this.watch.change(change));
      if (isMeta(change.after)) index.follow(change.after);
      this.stream.follow(change);
      this.onChange(change);
    });
    const { settings, definitions, schedules } = this.scenario;
    const skewMs = faults.has('skew') ? LARGEST_SKEW_MS : 0;
    this.watch = new Watch({
      view: new View(this.table, this.ledger, definitions, kernel, skewMs),
      schedules,
      isHealthy: faults.mix === 'healthy',
      isQuiet: faults.mix !== 'swarm',
      sweepEveryMs: settings.sweepEveryMs,
      taskLimits: settings.taskLimits,
      isOnTime: !faults.has('skew') && !faults.has('slow'),
    });
    const store: Store = {
      table: this.table,
      index,
      random: kernel.random,
      definitions: new Map(
        [...this.scenario.definitions].map(([name, revisions]) => [name, [...revisions]]),
      ),
      changeOf: (transition: Transition) => engine.changeOf(transition),
      onLook: (by, workflow) => this.watch.looked(by, workflow),
    };
    this.schedules = new Schedules(index);
    this.surroundings = {
      ...{ kernel, faults, store, places: new Places(), schedules: this.schedules },
      ...{ queue: this.queue, settings, count: this.count },
      execute: (name, payload, timeoutMs) => this.execute(name, payload, timeoutMs),
      onDispatch: () => (this.dispatched += 1),
      next: () => (this.numbers += 1),
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
      handle(this.engine, this.portsFor(by, state)),
    );
  }

  async sweep(): Promise<void> {
    const timeoutMs = this.timeout(ORCHESTRATOR_TIMEOUT_MS);
    const end = this.kernel.now + timeoutMs - SWEEP_MARGIN_MS;
    await this.orchestrator.invoke('sweep', timeoutMs, (by, state) =>
      this.engine.sweep(this.portsFor(by, state), () => this.kernel.now > end),
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
      return this.engine.advanceBatch(this.portsFor(invocation, state), records, timeIsUp);
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
      this.engine.work(
        this.engine.workerPorts(workerPorts(this.surroundings, by, state), by),
        message,
        () => end - this.kernel.now,
      ),
    );
    return ended.kind === 'answered';
  }

  private portsFor = (by: Invocation, state: OrchestratorState): OrchestratorPorts =>
    this.engine.orchestratorPorts(orchestratorPorts(this.surroundings, by, state), by);

  private execute(functionName: string, payload: TaskPayload, timeoutMs: number): Run {
    this.guard(() => this.watch.execution(payload));
    const { workflowId, taskId, attempt } = payload;
    const name = this.table.workflow(workflowId)?.definition.name ?? '';
    const behaviour = this.scenario.behaviourOf(name, taskId, attempt);
    const run = this.ledger.run(payload, behaviour, timeoutMs);
    this.guard(() => this.watch.called(functionName, payload, run.ms));
    return run;
  }

  private readonly count = (metric: string, by = 1): void => {
    this.counted.set(metric, (this.counted.get(metric) ?? 0) + by);
  };
}

/** A look of the sweep is none. */
const isMove = ({ before, after }: ItemChange): boolean =>
  !isMeta(after) || before?.['status']?.S !== after['status']?.S;

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
