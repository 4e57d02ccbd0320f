/** How much one function's events want another sandbox. */
export interface PoolDemand {
  readonly name: string;
  readonly waiting: number;
  /**
   * Waiting events whose caller occupies a sandbox of the same function: without one more sandbox neither ends, so they
   * are above every bound.
   */
  readonly urgent: number;
  readonly oldestWaitMs: number;
  /** All of the function's, also those that boot. */
  readonly sandboxes: number;
  readonly booting: number;
  /** Have answered, and are about to ask for their next event. */
  readonly returning: number;
  readonly ceiling: number;
  /** Sandboxes that are kept for this function, which others cannot take; 0 for one that shares with all. */
  readonly reserved: number;
  readonly sinceLastBootMs: number;
}

export interface Machine {
  readonly cores: number;
  /** 0 to 1, over the last sample. */
  readonly idleFraction: number;
  /** Of all functions. */
  readonly sandboxes: number;
  readonly booting: number;
  /** What the memory of the machine bears. */
  readonly maxSandboxes: number;
}

/** Below this share of idle time another process would only take time from those that run. */
const idleEnough = 0.25;
/** Milliseconds after which an event gets a sandbox although the machine is busy, one at a time. */
const patienceMs = 1000;

/**
 * Which functions get one more sandbox now, the most pressing first; a name stands once for each sandbox.
 * Up to the number of cores a function grows as soon as an event waits. Above that, more processes help only events that
 * wait for something else than a core, which is to be seen from the machine: it has idle time although events wait.
 * Functions with a reservation have room and starts of their own, so they get their turn when the others have taken theirs.
 */
export function growth(demands: readonly PoolDemand[], machine: Machine): readonly string[] {
  const sharedMachine = { ...machine, maxSandboxes: sharedRoom(demands, machine.maxSandboxes) };
  const [reserved, shared] = [
    demands.filter(isReserved),
    demands.filter((one) => !isReserved(one)),
  ];
  const own = most(reserved, machine, machine.cores - sum(reserved, ({ booting }) => booting));
  const slots = machine.cores - machine.booting - own.length;
  return [...own, ...most(shared, sharedMachine, slots)];
}

/** Sandboxes of all functions up to which those without a reservation may grow. */
export function sharedRoom(demands: readonly PoolDemand[], maxSandboxes: number): number {
  const missing = sum(demands, ({ reserved, sandboxes }) => Math.max(0, reserved - sandboxes));
  // A small machine would otherwise stand empty for what may never come.
  return maxSandboxes - Math.min(missing, Math.floor(maxSandboxes / 2));
}

const isReserved = ({ reserved }: PoolDemand) => reserved > 0;

const sum = (demands: readonly PoolDemand[], of: (demand: PoolDemand) => number) =>
  demands.reduce((total, demand) => total + of(demand), 0);

function most(demands: readonly PoolDemand[], machine: Machine, slots: number): readonly string[] {
  return demands
    .flatMap((demand) => wanted(demand, machine))
    .sort((a, b) => a.rank - b.rank || b.oldestWaitMs - a.oldestWaitMs)
    .slice(0, Math.max(0, slots))
    .map(({ name }) => name);
}

function wanted(demand: PoolDemand, machine: Machine) {
  const missing = Math.min(demand.waiting - demand.booting - demand.returning, machine.cores);
  return Array.from({ length: Math.max(0, missing) }, (_, nth) => ({
    name: demand.name,
    oldestWaitMs: demand.oldestWaitMs,
    rank: rank(demand, machine, nth),
  })).filter(({ rank }) => rank < 3);
}

/** 0: must, 1: its share of the cores, 2: while the machine has idle time, 3: not now. */
function rank(demand: PoolDemand, machine: Machine, nth: number): 0 | 1 | 2 | 3 {
  const size = demand.sandboxes + nth;
  if (nth + demand.booting < demand.urgent) return 0;
  if (size >= demand.ceiling) return 3;
  if (size < machine.cores) return 1;
  if (machine.sandboxes + nth >= machine.maxSandboxes) return 3;
  if (machine.idleFraction >= idleEnough) return 2;
  const patienceEnded = demand.oldestWaitMs >= patienceMs && demand.sinceLastBootMs >= patienceMs;
  return patienceEnded && nth === 0 ? 2 : 3;
}
