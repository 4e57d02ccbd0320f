/**
 * Invocations and the containers they run in. A container takes one invocation at a time and keeps its memory between
 * them; a crash takes the container with it. Every call an invocation makes is a moment at which a fault can strike.
 */
import type { Faults } from './faults.js';
import type { Kernel } from './kernel.js';

export type Role = 'stream' | 'sweep' | 'operator' | 'start' | 'worker';

/** Which side of the world a call is made to. */
export interface Service {
  readonly name: string;
  /** What a refusal looks like; absent: it is never refused, and its answer never lost. */
  readonly refusal?: () => Error;
}

/** What became of an invocation, as its caller sees it. */
export type Ended<Answer> =
  { readonly kind: 'answered'; readonly answer: Answer } | { readonly kind: 'died' };

/** A container. Between invocations it stands still: what it left undone goes on with the next one. */
export class Container<State = unknown> {
  isDead = false;
  isBusy = false;
  /** How many faults struck calls from here. */
  hurt = 0;
  onDeath: () => void = () => {};
  private held: (() => void)[] = [];

  constructor(
    readonly id: string,
    readonly state: State,
    readonly skewMs: number,
    readonly isNewer: boolean,
  ) {}

  /** When it runs again. */
  hold(action: () => void): void {
    this.held.push(action);
  }

  release(): readonly (() => void)[] {
    return this.held.splice(0);
  }
}

/** How far a clock is from the right time, at most. */
export const LARGEST_SKEW_MS = 600_000;
const SLOW_MS = [300, 3_000, 25_000, 70_000, 150_000];
/** What the SDK waits before it tries again. */
const SDK_RETRY_MS = 50;
const DIES = Symbol('dies');

export class Invocation {
  private readonly hurtBefore: number;

  constructor(
    private readonly kernel: Kernel,
    private readonly faults: Faults,
    readonly id: string,
    readonly role: Role,
    private readonly container: Container,
  ) {
    this.hurtBefore = container.hurt;
  }

  /** Faults struck its calls, or those of others in its container: what it answers may be due to them. */
  get isHurt(): boolean {
    return this.container.hurt > this.hurtBefore;
  }

  /** Dead: nothing it waits for ever comes. */
  get isDead(): boolean {
    return this.container.isDead;
  }

  get isNewer(): boolean {
    return this.container.isNewer;
  }

  now = (): number => this.kernel.now + this.container.skewMs;

  die(why: string): void {
    if (this.isDead) return;
    this.container.isDead = true;
    this.kernel.trace(`${this.id} dies: ${why}`);
    this.container.onDeath();
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) =>
      this.kernel.later(Math.max(0, milliseconds), () => this.goOn(resolve)),
    );
  }

  private goOn(action: () => void): void {
    if (this.isDead) return;
    if (this.container.isBusy) action();
    else this.container.hold(action);
  }

  /** `effect` takes place at a moment of the kernel's choice, if no fault prevents it. */
  call<T>(service: Service, label: string, effect: () => T): Promise<T> {
    if (this.isDead) return new Promise<never>(() => {});
    return new Promise((resolve, reject) => {
      const refuse = (error: unknown) => {
        this.kernel.wasRefused = true;
        reject(error);
      };
      this.kernel.later(this.kernel.random.below(1 + this.faults.latencyMs), () =>
        this.kernel.soon(() =>
          this.perform(service, label, effect, { resolve, reject: refuse }, true),
        ),
      );
    });
  }

  private perform<T>(
    service: Service,
    label: string,
    effect: () => T,
    reply: Reply<T>,
    mayBeSlow: boolean,
  ): void {
    const { kernel, faults } = this;
    const what = `${this.id} ${label}`;
    if (this.isDead) {
      // It was under way when its sender died: whether it arrived is open.
      if (kernel.random.chance(0.5)) this.run(`${what} (of the dead)`, effect);
      return;
    }
    if (!this.container.isBusy) {
      // The answer is given, and it stands still: what was sent arrives, its reply waits.
      if (kernel.random.chance(0.5))
        return this.container.hold(() => this.perform(service, label, effect, reply, mayBeSlow));
      const result = this.run(`${what} (left behind)`, effect);
      return this.container.hold(() => settle(reply, result));
    }
    if (faults.isOut(service.name)) {
      kernel.trace(`${what} meets an outage`);
      this.container.hurt += 1;
      if (service.refusal) return reply.reject(service.refusal());
    }
    if (mayBeSlow && this.strikes('slow')) {
      const delay = kernel.random.pick(SLOW_MS);
      kernel.trace(`${what} takes ${delay} ms`);
      return kernel.later(delay, () => this.perform(service, label, effect, reply, false));
    }
    if (this.strikes('crash')) {
      if (kernel.random.chance(0.5)) this.run(what, effect);
      return this.die(`at ${label}`);
    }
    const { refusal } = service;
    const isQuietRole = faults.mix !== 'quiet' || this.role === 'stream';
    if (refusal && isQuietRole && this.strikes('throttle')) {
      kernel.trace(`${what} is refused`);
      return reply.reject(refusal());
    }
    if (refusal && this.strikes('lostReply')) {
      this.run(`${what} (reply lost)`, effect);
      if (kernel.random.chance(0.5)) return reply.reject(refusal());
      return kernel.later(SDK_RETRY_MS, () =>
        kernel.soon(() => this.perform(service, `${label} again`, effect, reply, true)),
      );
    }
    settle(reply, this.run(what, effect));
  }

  private strikes(kind: 'slow' | 'crash' | 'throttle' | 'lostReply'): boolean {
    if (!this.faults.strikes(kind)) return false;
    this.container.hurt += 1;
    return true;
  }

  private run<T>(what: string, effect: () => T): Result<T> {
    this.kernel.trace(what);
    try {
      return { value: effect() };
    } catch (error) {
      return { error };
    }
  }
}

type Result<T> = { readonly value: T } | { readonly error: unknown };

interface Reply<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function settle<T>(reply: Reply<T>, result: Result<T>): void {
  if ('error' in result) reply.reject(result.error);
  else reply.resolve(result.value);
}

export class Lambda<State> {
  private readonly containers: Container<State>[] = [];
  /** Containers, so far. */
  made = 0;
  private invocations = 0;
  running = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly faults: Faults,
    private readonly name: string,
    private readonly boot: () => State,
  ) {}

  /** @param timeoutMs it dies when it has not answered by then */
  async invoke<Answer>(
    role: Role,
    timeoutMs: number,
    handle: (invocation: Invocation, state: State) => Promise<Answer>,
  ): Promise<Ended<Answer>> {
    const container = this.acquire();
    container.isBusy = true;
    this.running += 1;
    this.invocations += 1;
    const id = `${container.id}.${this.invocations}:${role}`;
    const died = new Promise<typeof DIES>((resolve) => {
      container.onDeath = () => resolve(DIES);
    });
    const invocation = new Invocation(this.kernel, this.faults, id, role, container);
    for (const action of container.release()) this.kernel.soon(action);
    this.kernel.trace(`${id} begins`);
    let isOver = false;
    this.kernel.later(timeoutMs, () => {
      if (!isOver) invocation.die('out of time');
    });
    try {
      const answer = await Promise.race([handle(invocation, container.state), died]);
      if (answer === DIES) {
        this.containers.splice(this.containers.indexOf(container), 1);
        return { kind: 'died' };
      }
      this.kernel.trace(`${id} answers`);
      return { kind: 'answered', answer };
    } catch (error) {
      this.kernel.trace(`${id} throws ${error instanceof Error ? error.name : String(error)}`);
      if (!(error instanceof Error) || !EXPECTED.has(error.name)) this.kernel.fail(error);
      return { kind: 'died' };
    } finally {
      isOver = true;
      container.isBusy = false;
      this.running -= 1;
    }
  }

  private acquire(): Container<State> {
    const { random } = this.kernel;
    const free = this.containers.filter(({ isBusy }) => !isBusy);
    const startsAnew = !this.faults.isWarm && random.chance(0.15);
    if (free.length > 0 && !startsAnew) return random.pick(free);
    this.made += 1;
    const skewMs = this.faults.strikes('skew')
      ? random.between(-LARGEST_SKEW_MS, LARGEST_SKEW_MS)
      : 0;
    const isNewer = this.faults.strikes('newerBuild');
    const container = new Container(`${this.name}${this.made}`, this.boot(), skewMs, isNewer);
    this.containers.push(container);
    return container;
  }
}

/** What a handler may throw; anything else is a bug of somebody's. */
const EXPECTED = new Set(['StoreUnavailableError', 'DispatchError', 'CorruptItemError']);
