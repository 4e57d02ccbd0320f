/** Looks for the first seed in which a mutant breaks the invariant it was said to break. */
import { simulate, type Report } from '../simulate.js';
import { lineMutants } from './lines.js';
import { mapMutants } from './maps.js';
import type { Mutant } from './mutant.js';
import { orchestratorMutants } from './orchestrator.js';
import { ruleMutants } from './rules.js';
import { transitionMutants } from './transitions.js';
import { waitingMutants } from './waiting.js';
import { workerMutants } from './worker.js';

export const MUTANTS: readonly Mutant[] = [
  ...transitionMutants,
  ...orchestratorMutants,
  ...workerMutants,
  ...ruleMutants,
  ...mapMutants,
  ...waitingMutants,
  ...lineMutants,
];

export interface Hunt {
  /** Undefined: it survived. */
  readonly kill?: Report;
  /** How often each invariant was broken on the way. */
  readonly seen: ReadonlyMap<string, number>;
}

export async function hunt(mutant: Mutant, seeds: number): Promise<Hunt> {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { mix } = mutant;
    const report = await simulate({ seed, engine: mutant.engine(), ...(mix ? { mix } : {}) });
    if (!report.broken) continue;
    const { invariant } = report.broken;
    seen.set(invariant, (seen.get(invariant) ?? 0) + 1);
    if (invariant !== mutant.killedBy) continue;
    // Only what the engine itself survives is the mutant's doing.
    if (!(await simulate({ seed, ...(mix ? { mix } : {}) })).broken) return { kill: report, seen };
  }
  return { seen };
}
