/**
 * Which faults a run has. Each seed draws its own few kinds (a swarm), how often they strike, and a budget: once it is
 * spent, or their time is over, nothing goes wrong any more, so that a run can be asked to converge.
 */
import type { Kernel } from './kernel.js';
import type { Random } from './random.js';

export const FAULTS = [
  /** The process dies before or after a call took effect. */
  'crash',
  /** The store or the queue refuses. */
  'throttle',
  /** It took effect and the reply did not come. */
  'lostReply',
  /** Nobody reaches the store, or the queue, for up to a minute. */
  'outage',
  /** A call takes long, beyond leases and time-outs. */
  'slow',
  /** A function of ours is given little time. */
  'timeout',
  /** A batch of records comes again although it was done. */
  'dupBatch',
  /** Records are given up. */
  'dropRecords',
  'dupMessage',
  'dropMessage',
  /** A message comes late, behind others. */
  'lateMessage',
  /** The index of due workflows is minutes behind. */
  'staleIndex',
  /** Clocks of containers differ by up to ten minutes. */
  'skew',
  /** A newer build that writes one more attribute runs beside this one. */
  'newerBuild',
  /** Records that do not read. */
  'poison',
  /** Two sweeps at once. */
  'doubleSweep',
  /** A worker is frozen while its task runs, and wakes when its lease is over. */
  'zombie',
] as const;
export type Fault = (typeof FAULTS)[number];

/**
 * `healthy`: nothing goes wrong. `quiet`: only what heals without a sweep: duplicates, and throttles of passes over
 * records. Neither may need a repair. `swarm`: anything, and operators at work.
 */
export type Mix = 'healthy' | 'quiet' | 'swarm';

/** Faults whose run must not need a repair. */
const QUIET: readonly Fault[] = ['dupBatch', 'dupMessage', 'throttle', 'poison', 'newerBuild'];

/** How often each strikes where it can, at most. */
const RATES: Record<Fault, number> = {
  crash: 0.05,
  throttle: 0.08,
  lostReply: 0.08,
  outage: 0.01,
  slow: 0.05,
  timeout: 0.15,
  dupBatch: 0.4,
  dropRecords: 0.2,
  dupMessage: 0.4,
  dropMessage: 0.2,
  lateMessage: 0.3,
  staleIndex: 0.5,
  skew: 0.5,
  newerBuild: 0.5,
  poison: 0.3,
  doubleSweep: 0.5,
  zombie: 0.2,
};

export class Faults {
  readonly mix: Mix;
  readonly rates: Partial<Record<Fault, number>> = {};
  /** A container is never started where another is free. */
  readonly isWarm: boolean;
  /** How slow the stream and the queue are, which is no fault. */
  readonly lag: number;
  /** Milliseconds that a call takes, at most, which is no fault either: passes overlap. */
  readonly latencyMs: number;
  readonly struck = new Map<Fault, number>();
  /** Until when. */
  private readonly outages = new Map<string, number>();
  private readonly random: Random;
  private budget: number;
  private readonly until: number;

  constructor(
    private readonly kernel: Kernel,
    mix?: Mix,
  ) {
    this.random = kernel.random;
    this.mix = mix ?? drawMix(this.random);
    this.isWarm = this.random.chance(this.mix === 'healthy' ? 0.7 : 0.2);
    this.lag = this.random.pick([1, 1, 25]);
    this.latencyMs = this.random.pick([0, 0, 5, 60, 250]);
    const kinds = this.mix === 'healthy' ? [] : this.mix === 'quiet' ? QUIET : FAULTS;
    const share = this.random.pick([0.15, 0.3, 0.6]);
    for (const kind of kinds)
      if (this.random.chance(share)) this.rates[kind] = RATES[kind] * (0.2 + this.random.next());
    this.budget = this.random.pick(this.mix === 'swarm' ? [1, 3, 10, 30, 100] : [1, 3, 10]);
    this.until = kernel.now + this.random.between(30, 480) * 1000;
  }

  /** The run has such faults at all. */
  has(kind: Fault): boolean {
    return this.rates[kind] !== undefined;
  }

  get areOver(): boolean {
    return this.budget <= 0 || this.kernel.now > this.until;
  }

  /** Whether a service cannot be reached at this moment. */
  isOut(service: string): boolean {
    if (!this.has('outage')) return false;
    if (this.strikes('outage')) {
      const end = Math.min(this.until, this.kernel.now + this.random.between(500, 60_000));
      this.outages.set(service, end);
    }
    return this.kernel.now < (this.outages.get(service) ?? 0);
  }

  /** Whether it strikes here and now. */
  strikes(kind: Fault): boolean {
    const rate = this.rates[kind];
    if (rate === undefined || this.areOver || !this.random.chance(rate)) return false;
    this.budget -= 1;
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
    return true;
  }
}

const drawMix = (random: Random): Mix => {
  const draw = random.next();
  return draw < 0.12 ? 'healthy' : draw < 0.27 ? 'quiet' : 'swarm';
};
