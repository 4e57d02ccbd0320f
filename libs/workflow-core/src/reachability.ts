/**
 * Which tasks of a definition can never run, whatever happens: those whose rule no ending of their upstream satisfies, and
 * those below them. Pure. Endings of different tasks count as independent of each other, so what is called unreachable
 * certainly is.
 */
import type { Graph } from './definition.js';
import { judge } from './trigger-rules.js';
import type { TaskFact } from './workflow.js';

/** How a task may end, as the rules of its dependents count it. */
type Ending = 'succeeded' | 'failed' | 'skipped';

const AS_FACT: Record<Ending, TaskFact> = {
  succeeded: { status: 'SUCCEEDED' },
  failed: { status: 'FAILED' },
  skipped: { status: 'SKIPPED', reason: 'UPSTREAM_SKIPPED' },
};
const ENDINGS = Object.keys(AS_FACT) as Ending[];

/** Every combination of them: a rule only asks which endings there are, not of how many tasks. */
const COMBINATIONS: readonly (readonly Ending[])[] = [
  ...ENDINGS.map((ending) => [ending]),
  ['succeeded', 'failed'],
  ['succeeded', 'skipped'],
  ['failed', 'skipped'],
  ENDINGS,
];

export interface Unreachable {
  readonly taskId: string;
  /** A task it depends on that can never run; undefined: its own rule can never hold. */
  readonly below?: string;
}

/** @param order its tasks, each after those it depends on; those above or in a cycle are left out */
export function unreachableTasks(graph: Graph, order: readonly string[]): readonly Unreachable[] {
  const endings = new Map<string, ReadonlySet<Ending>>();
  const never = new Map<string, Unreachable>();
  for (const taskId of order) {
    const upstream = (graph.upstream.get(taskId) ?? []).filter((id) => endings.has(id));
    const sets = upstream.map((id) => endings.get(id) as ReadonlySet<Ending>);
    const verdicts = verdictsOf(graph, taskId, sets);
    if (!verdicts.has('run')) {
      const below = upstream.find((id) => never.has(id));
      never.set(taskId, { taskId, ...(below === undefined ? {} : { below }) });
    }
    endings.set(taskId, endingsOf(graph, taskId, verdicts));
  }
  return [...never.values()];
}

function verdictsOf(
  graph: Graph,
  taskId: string,
  upstream: readonly ReadonlySet<Ending>[],
): ReadonlySet<string> {
  const rule = graph.tasks.get(taskId)?.triggerRule ?? 'all_success';
  if (upstream.length === 0) return new Set(['run']);
  return new Set(
    COMBINATIONS.filter((combination) => isPossible(combination, upstream)).map((combination) =>
      judge(
        rule,
        combination.map((ending) => AS_FACT[ending]),
        0,
      ),
    ),
  );
}

/** Whether these tasks can end so that all of these endings occur, and no other. */
function isPossible(
  combination: readonly Ending[],
  upstream: readonly ReadonlySet<Ending>[],
): boolean {
  if (!upstream.every((set) => combination.some((ending) => set.has(ending)))) return false;
  return haveRepresentatives(combination, upstream, new Set());
}

/** Each ending needs a task of its own. With three endings, three candidates for each are enough to try. */
function haveRepresentatives(
  [ending, ...others]: readonly Ending[],
  upstream: readonly ReadonlySet<Ending>[],
  taken: ReadonlySet<number>,
): boolean {
  if (ending === undefined) return true;
  let tried = 0;
  for (const [index, set] of upstream.entries()) {
    if (taken.has(index) || !set.has(ending)) continue;
    if (haveRepresentatives(others, upstream, new Set([...taken, index]))) return true;
    tried += 1;
    if (tried === ENDINGS.length) return false;
  }
  return false;
}

function endingsOf(
  graph: Graph,
  taskId: string,
  verdicts: ReadonlySet<string>,
): ReadonlySet<Ending> {
  const task = graph.tasks.get(taskId);
  const endings = new Set<Ending>();
  if (verdicts.has('run')) {
    endings.add('succeeded');
    // After a failure that counts, a definition that fails fast starts nothing.
    if (!task?.continueOnFailure && !graph.definition.failFast) endings.add('failed');
    if (task?.when !== undefined) endings.add('skipped');
  }
  if (verdicts.has('UPSTREAM_FAILED')) endings.add('failed');
  if (verdicts.has('UPSTREAM_SKIPPED')) endings.add('skipped');
  return endings;
}
