import { totalmem } from 'node:os';
import type { FunctionModel } from '../model.js';
import type { InvokeResult } from '../runtime.js';
import { CpuSampler } from './cpu-sampler.js';
import { growth, sharedRoom, type Machine, type PoolDemand } from './growth.js';
import type { Invocation } from './invocation.js';
import { watchMemory } from './memory-watch.js';
import { Pool, type PoolCounts } from './pool.js';
import type { SandboxAtWork, SandboxSpec } from './sandbox.js';

export interface FleetOptions {
  readonly functions: readonly FunctionModel[];
  readonly cores: number;
  /** Most sandboxes of one function, unless its reserved concurrency says less. */
  readonly maxConcurrency: number;
  /** Most sandboxes of all functions together. Default: what half of the machine's memory bears. */
  readonly maxSandboxes?: number;
  /** Milliseconds after which an idle sandbox above the number of cores is ended. */
  readonly idleMs: number;
  readonly isForeground: (fn: FunctionModel) => boolean;
  readonly launcherOf: (fn: FunctionModel) => SandboxSpec;
  readonly onLine: (fn: FunctionModel, text: string, requestId?: string) => void;
}

/** Milliseconds between two looks at pools whose events wait. */
const growthEveryMs = 50;
/** Longest that the work in the background waits for a crowd at the door. */
const turnPatienceMs = 5_000;
/** Bytes to count for one sandbox; all of them together may fill half of the machine's memory. */
const sandboxBytes = 64 * 1024 * 1024;

interface Turn {
  readonly come: Promise<void>;
  readonly take: () => void;
  readonly timer: NodeJS.Timeout;
}

/** The pools of all functions, and the one decision they share: which of them may start another process now. */
export class Fleet {
  readonly #pools: ReadonlyMap<FunctionModel, Pool>;
  readonly #byName: ReadonlyMap<string, Pool>;
  readonly #options: FleetOptions;
  readonly #cpu = new CpuSampler();
  readonly #maxSandboxes: number;
  readonly #memory: { stop(): void };
  readonly #idleTimer: NodeJS.Timeout;
  readonly #whenQuiet = new Set<() => void>();
  #growthTimer: NodeJS.Timeout | undefined;
  #turn: Turn | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#maxSandboxes = options.maxSandboxes ?? Math.floor(totalmem() / 2 / sandboxBytes);
    this.#pools = new Map(options.functions.map((fn) => [fn, this.#poolOf(fn)]));
    this.#byName = new Map([...this.#pools].map(([fn, pool]) => [fn.name, pool]));
    this.#memory = watchMemory(() => [...this.#pools.values()].flatMap((pool) => pool.running));
    const lookEveryMs = Math.min(options.idleMs, 5_000);
    this.#idleTimer = setInterval(() => this.#shrink(options.idleMs), lookEveryMs).unref();
  }

  /** @throws SandboxStoppedError when the runtime stops before the event was answered */
  async invoke(fn: FunctionModel, invocation: Invocation): Promise<InvokeResult> {
    const pool = this.#pools.get(fn);
    if (!pool) throw new Error(`No pool for ${fn.name}`);
    return pool.invoke(invocation);
  }

  /** Takes back events that have not begun. */
  withdraw(requestIds: ReadonlySet<string>): void {
    for (const pool of this.#pools.values()) pool.withdraw(requestIds);
  }

  /** Resolves when no event waits or runs, or after `ms`. */
  quietWithin(ms: number): Promise<void> {
    if (this.#quiet) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#whenQuiet.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /**
   * Resolves when no event of a function that someone waits for stands in line; after `turnPatienceMs` in any case.
   * Events that nobody waits for begin then: a crowd at the door is let in before the work it brings is done.
   */
  backgroundTurn(): Promise<void> {
    if (this.#isDoorClear) return Promise.resolve();
    this.#turn ??= this.#newTurn();
    return this.#turn.come;
  }

  #newTurn(): Turn {
    let take: () => void = () => undefined;
    const come = new Promise<void>((resolve) => (take = resolve));
    const timer = setTimeout(() => this.#giveTurn(), turnPatienceMs);
    return { come, take, timer };
  }

  #giveTurn(): void {
    clearTimeout(this.#turn?.timer);
    this.#turn?.take();
    this.#turn = undefined;
  }

  get #isDoorClear(): boolean {
    const { isForeground } = this.#options;
    return [...this.#pools].every(([fn, pool]) => !isForeground(fn) || pool.waiting === 0);
  }

  /** Kills every process and resolves when they are gone. */
  async stop(): Promise<void> {
    this.#giveTurn();
    clearInterval(this.#idleTimer);
    clearTimeout(this.#growthTimer);
    this.#memory.stop();
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()));
  }

  sandboxes(): readonly SandboxAtWork[] {
    return [...this.#pools.values()].flatMap((pool) => pool.sandboxes);
  }

  counts(): readonly PoolCounts[] {
    return [...this.#pools.values()].map((pool) => pool.counts());
  }

  get #quiet(): boolean {
    return [...this.#pools.values()].every((pool) => pool.quiet);
  }

  #poolOf(fn: FunctionModel): Pool {
    const { launcherOf, onLine, maxConcurrency } = this.#options;
    const ceiling = Math.max(1, Math.min(fn.reservedConcurrency ?? maxConcurrency, maxConcurrency));
    return new Pool(fn, ceiling, () => launcherOf(fn), {
      onDemand: () => this.#grow(),
      onSettled: () => this.#onSettled(),
      onLine,
    });
  }

  #onSettled(): void {
    if (this.#turn && this.#isDoorClear) this.#giveTurn();
    if (!this.#whenQuiet.size || !this.#quiet) return;
    for (const resolve of this.#whenQuiet) resolve();
    this.#whenQuiet.clear();
  }

  /** Looks again while anything waits: what keeps a pool from growing now may be over a moment later. */
  #grow(): void {
    const now = performance.now();
    const demands = [...this.#pools.values()].map((pool) => pool.demand(now));
    const machine = this.#machine(demands);
    if (machine.sandboxes >= sharedRoom(demands, machine.maxSandboxes)) this.#shrink(0);
    for (const name of growth(demands, machine)) this.#byName.get(name)?.grow(now);
    if (!demands.some((demand) => demand.waiting > 0)) return;
    this.#growthTimer ??= setTimeout(() => {
      this.#growthTimer = undefined;
      this.#grow();
    }, growthEveryMs).unref();
  }

  #machine(demands: readonly PoolDemand[]): Machine {
    return {
      cores: this.#options.cores,
      idleFraction: this.#cpu.idleFraction(),
      sandboxes: demands.reduce((sum, demand) => sum + demand.sandboxes, 0),
      booting: demands.reduce((sum, demand) => sum + demand.booting, 0),
      maxSandboxes: this.#maxSandboxes,
    };
  }

  #shrink(idleMs: number): void {
    const now = performance.now();
    for (const pool of this.#pools.values()) pool.shrink(now, idleMs, this.#options.cores);
  }
}
