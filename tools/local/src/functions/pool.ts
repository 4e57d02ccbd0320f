import type { FunctionModel } from '../model.js';
import type { InvokeResult } from '../runtime.js';
import type { PoolDemand } from './growth.js';
import { traceRootOf, unhandled, type Invocation } from './invocation.js';
import { Sandbox, SandboxStoppedError, type SandboxAtWork, type SandboxSpec } from './sandbox.js';

export interface PoolListener {
  /** An event waits, or a sandbox is gone: look again whether the pool should grow. */
  onDemand(): void;
  /** An event was answered or given up. */
  onSettled(): void;
  onLine(fn: FunctionModel, text: string, requestId?: string): void;
}

export interface PoolCounts {
  readonly name: string;
  readonly running: number;
  readonly idle: number;
  readonly booting: number;
  readonly waiting: number;
  /** Since the start. */
  readonly sandboxesStarted: number;
  readonly invocations: number;
  readonly errors: number;
}

/** Milliseconds after which a sandbox that answered but asks for nothing is no longer counted on. */
const returnsWithinMs = 100;

interface Waiting {
  readonly invocation: Invocation;
  readonly root: string | undefined;
  readonly nestedInSameFunction: boolean;
  readonly since: number;
  readonly settle: (result: InvokeResult) => void;
  readonly abandon: (error: Error) => void;
}

/**
 * The sandboxes of one function and the events that wait for one, first in, first out. Warm sandboxes are used again
 * last in, first out, so that those beyond the need grow cold and can be ended.
 */
export class Pool {
  readonly #fn: FunctionModel;
  readonly #spec: () => SandboxSpec;
  readonly #listener: PoolListener;
  readonly #ceiling: number;
  readonly #reserved: number;
  readonly #sandboxes = new Set<Sandbox>();
  readonly #idle: { readonly sandbox: Sandbox; readonly since: number }[] = [];
  readonly #runningRoots: (string | undefined)[] = [];
  #waiting: Waiting[] = [];
  #lastBoot = -Infinity;
  #started = 0;
  #invocations = 0;
  #errors = 0;
  #stopped = false;

  constructor(fn: FunctionModel, ceiling: number, spec: () => SandboxSpec, listener: PoolListener) {
    this.#fn = fn;
    this.#ceiling = ceiling;
    this.#reserved = fn.reservedConcurrency === undefined ? 0 : ceiling;
    this.#spec = spec;
    this.#listener = listener;
  }

  get running(): readonly Sandbox[] {
    return [...this.#sandboxes].filter((sandbox) => sandbox.busy);
  }

  get sandboxes(): readonly SandboxAtWork[] {
    return [...this.#sandboxes].flatMap(({ pid, traceHeader }) =>
      pid === undefined
        ? []
        : [{ functionName: this.#fn.name, pid, ...(traceHeader ? { traceHeader } : {}) }],
    );
  }

  /** Events in line. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** No event waits or runs. */
  get quiet(): boolean {
    return this.#waiting.length === 0 && this.#runningRoots.length === 0;
  }

  /** @throws SandboxStoppedError when the runtime stops before the event was answered */
  invoke(invocation: Invocation): Promise<InvokeResult> {
    return new Promise((settle, abandon) => {
      if (this.#stopped) return abandon(new SandboxStoppedError('The runtime has stopped'));
      const root = traceRootOf(invocation.traceHeader);
      const nestedInSameFunction = this.#runningRoots.includes(root);
      const since = performance.now();
      this.#enqueue({ invocation, root, nestedInSameFunction, since, settle, abandon });
      const sandbox = this.#idle.pop()?.sandbox;
      if (sandbox) this.#serve(sandbox);
      else this.#listener.onDemand();
    });
  }

  /** Takes events back that have not begun; they are abandoned with SandboxStoppedError. */
  withdraw(requestIds: ReadonlySet<string>): void {
    const back = this.#waiting.filter(({ invocation }) => requestIds.has(invocation.requestId));
    this.#waiting = this.#waiting.filter((waiting) => !back.includes(waiting));
    for (const { abandon } of back) abandon(new SandboxStoppedError('The runtime stops'));
  }

  demand(now: number): PoolDemand {
    const urgent = this.#nestedInFront;
    const oldest = Math.min(this.#waiting[0]?.since ?? now, this.#waiting[urgent]?.since ?? now);
    return {
      name: this.#fn.name,
      waiting: this.#waiting.length,
      urgent,
      oldestWaitMs: now - oldest,
      sandboxes: this.#sandboxes.size,
      booting: this.#booting,
      returning: now - oldest < returnsWithinMs ? this.#returning : 0,
      ceiling: this.#ceiling,
      reserved: this.#reserved,
      sinceLastBootMs: now - this.#lastBoot,
    };
  }

  /** Starts one more sandbox. */
  grow(now: number): void {
    this.#lastBoot = now;
    this.#started += 1;
    const sandbox = new Sandbox(this.#spec(), {
      onReady: (ready) => this.#onReady(ready),
      onGone: (gone, startFailure) => this.#onGone(gone, startFailure),
      onLine: (text, requestId) => this.#listener.onLine(this.#fn, text, requestId),
    });
    this.#sandboxes.add(sandbox);
  }

  /** Ends sandboxes that idled for `idleMs`, longest first, down to `keep` sandboxes. */
  shrink(now: number, idleMs: number, keep: number): void {
    while (this.#sandboxes.size > keep) {
      const longest = this.#idle[0];
      if (!longest || now - longest.since < idleMs) return;
      this.#end(longest.sandbox);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.withdraw(new Set(this.#waiting.map(({ invocation }) => invocation.requestId)));
    await Promise.all([...this.#sandboxes].map((sandbox) => sandbox.stop()));
  }

  counts(): PoolCounts {
    return {
      name: this.#fn.name,
      running: this.#runningRoots.length,
      idle: this.#idle.length,
      booting: this.#booting,
      waiting: this.#waiting.length,
      sandboxesStarted: this.#started,
      invocations: this.#invocations,
      errors: this.#errors,
    };
  }

  get #booting(): number {
    return [...this.#sandboxes].filter((sandbox) => !sandbox.started).length;
  }

  get #returning(): number {
    const others = this.#idle.length + this.#runningRoots.length + this.#booting;
    return Math.max(0, this.#sandboxes.size - others);
  }

  /** What a running event of this function waits for goes before what only waits in line. */
  #enqueue(waiting: Waiting): void {
    const at = waiting.nestedInSameFunction ? this.#nestedInFront : this.#waiting.length;
    this.#waiting.splice(at, 0, waiting);
  }

  get #nestedInFront(): number {
    const others = this.#waiting.findIndex((waiting) => !waiting.nestedInSameFunction);
    return others < 0 ? this.#waiting.length : others;
  }

  #onReady(sandbox: Sandbox): void {
    if (this.#waiting.length) return this.#serve(sandbox);
    this.#idle.push({ sandbox, since: performance.now() });
    sandbox.freeze();
  }

  #serve(sandbox: Sandbox): void {
    const next = this.#waiting.shift();
    if (!next) return;
    this.#runningRoots.push(next.root);
    this.#invocations += 1;
    const over = () => {
      this.#runningRoots.splice(this.#runningRoots.indexOf(next.root), 1);
      this.#listener.onSettled();
    };
    sandbox.run(next.invocation).then(
      (result) => {
        over();
        if (result.functionError) this.#errors += 1;
        next.settle(result);
      },
      (error: Error) => {
        over();
        next.abandon(error);
      },
    );
  }

  /** A sandbox that could not start answers one event, so that a function that never starts fails and does not hang. */
  #onGone(sandbox: Sandbox, startFailure?: object): void {
    this.#forget(sandbox);
    const first = startFailure && !this.#stopped ? this.#waiting.shift() : undefined;
    if (first && startFailure) {
      this.#invocations += 1;
      this.#errors += 1;
      first.settle(unhandled(first.invocation.requestId, startFailure));
    }
    if (this.#waiting.length) this.#listener.onDemand();
  }

  #end(sandbox: Sandbox): void {
    this.#forget(sandbox);
    void sandbox.stop();
  }

  #forget(sandbox: Sandbox): void {
    this.#sandboxes.delete(sandbox);
    const at = this.#idle.findIndex((idle) => idle.sandbox === sandbox);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
