/** A broken engine, and the invariant that has to notice. A simulator that cannot catch a bug proves nothing. */
import type { InvariantName } from '../checks/violation.js';
import type { Engine } from '../world/engine.js';
import type { Mix } from '../world/faults.js';

export interface Mutant {
  readonly name: string;
  /** Named in advance: the invariant that kills it. */
  readonly killedBy: InvariantName;
  /** Where it shows; absent: whatever the seeds draw. */
  readonly mix?: Mix;
  /** A new one for each run: a mutant may remember things. */
  readonly engine: () => Engine;
}
