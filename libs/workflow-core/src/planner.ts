/**
 * The heart: from facts to what follows. Pure.
 *
 * Owns the decision `run | skip | wait | finish`; never reads, writes or looks at a clock.
 *
 * (P1) A decision about a task looks only at the terminal facts of its upstream tasks. Within an epoch these never
 *      change, so whoever decides, and however often, decides the same.
 * (P2) A rule may let a task run early; a skip is decided only when every upstream task is terminal. The order in
 *      which facts arrive changes nothing.
 * (P3) A wait is never assumed. It is proved by a task that was certainly unfinished when the newest record was
 *      written that the wait is about, because then that task's own record comes later and carries the decision on. A
 *      wait without such a proof is an open question: its facts have to be read before anything can be concluded from
 *      their absence. Memory of a dispatch is no proof: the task may have ended since, before the eyes of another.
 * (P4) A skip leaves no record, so nothing read or said before it was written proves a wait that follows from it:
 *      whoever writes a skip asks again afterwards, with the skipped tasks as what has changed.
 */
import type { Graph } from './definition.js';
import { isFailure, judge, mayRunEarly } from './trigger-rules.js';
import type { SkipReason, TaskFact } from './workflow.js';

export interface Knowledge {
  readonly graph: Graph;
  /** Terminal tasks, as far as known. */
  readonly facts: ReadonlyMap<string, TaskFact>;
  /** Tasks that have been made READY, as far as known: nothing is left to decide about them. */
  readonly started: ReadonlySet<string>;
  /**
   * Tasks proved unfinished (P3), each with the index in `changed` of the newest record it is proved for, `READ` when it
   * was read since; `rest`: a complete consistent read, so that every task without a fact is.
   */
  readonly unfinished: ReadonlyMap<string, number> | 'rest';
  /** Facts of older epochs count too, so that a task may be unfinished above others that are not. */
  readonly redriven?: boolean;
}

/** Newer than any record. */
export const READ = Infinity;

/** A wait that is not proved. One unfinished task among `unknown` proves it. */
export interface Question {
  /** The task in doubt; undefined: whether the workflow is finished. */
  readonly about?: string;
  /** Empty: it may run at once, unless it has already. */
  readonly unknown: readonly string[];
}

export interface Plan {
  readonly run: readonly string[];
  readonly skip: readonly { readonly taskId: string; readonly reason: SkipReason }[];
  readonly finish?: 'SUCCESS' | 'FAILED';
  readonly questions: readonly Question[];
}

/**
 * What follows for the dependents of `changed`; for every task where it is `all`.
 * @param changed in the order in which their records were written
 */
export function plan(knowledge: Knowledge, changed: readonly string[] | 'all'): Plan {
  const { graph, started } = knowledge;
  const facts = new Map(knowledge.facts);
  const run: string[] = [];
  const skip: { taskId: string; reason: SkipReason }[] = [];
  const questions: Question[] = [];
  const decided = new Set<string>();
  const waiting = new Set<string>();
  const skipped = new Set<string>();
  const proofs = proofsOf(knowledge, changed);

  const dependentsOf = (ids: readonly string[]) =>
    ids.flatMap((id) => graph.downstream.get(id) ?? []);
  const open = changed === 'all' ? [...graph.tasks.keys()] : dependentsOf(changed);

  for (let next = 0; next < open.length; next += 1) {
    const id = open[next] as string;
    const fact = facts.get(id);
    // Whoever wrote a skip may have died before writing what follows from it.
    if (fact?.status === 'SKIPPED' && !decided.has(id)) open.push(...dependentsOf([id]));
    if (decided.has(id) || fact || started.has(id)) {
      decided.add(id);
      continue;
    }
    const rule = graph.tasks.get(id)?.triggerRule ?? 'all_success';
    const upstream = graph.upstream.get(id) ?? [];
    const unknown = upstream.filter((up) => !facts.has(up));
    const known = upstream.flatMap((up) => facts.get(up) ?? []);
    const verdict = judge(rule, known, unknown.length);
    if (verdict === 'wait') {
      // Not decided: a skip further on in this pass may still settle it.
      if (proofs.proveWait(upstream, unknown)) waiting.add(id);
      else questions.push({ about: id, unknown });
      continue;
    }
    // It may have run before this record, and have ended since: nothing else would tell.
    const mayHaveRun = mayRunEarly(rule) && (upstream.length > 1 || rule === 'always');
    if (verdict === 'run' && mayHaveRun && !proofs.isUnread(id)) {
      questions.push({ about: id, unknown: [] });
      continue;
    }
    decided.add(id);
    if (verdict === 'run') run.push(id);
    else {
      skip.push({ taskId: id, reason: verdict });
      skipped.add(id);
      facts.set(id, { status: 'SKIPPED', reason: verdict });
      open.push(...dependentsOf([id]));
    }
  }

  const stillOpen = questions.filter(
    ({ about = '', unknown }) =>
      !decided.has(about) &&
      (unknown.length === 0 || unknown.some((id) => !facts.has(id))) &&
      // (P4): asked again once the skip is written.
      !graph.upstream.get(about)?.some((up) => skipped.has(up)),
  );
  const waits = [...waiting].some((id) => !decided.has(id));
  const goesOn = run.length > 0 || waits || stillOpen.length > 0 || proofs.proveMore(facts);
  const ending = goesOn ? {} : endOf(knowledge, facts);
  const asked = ending.question && skip.length === 0 ? [ending.question] : [];
  return {
    run,
    skip,
    questions: [...latestPerTask(stillOpen), ...asked],
    ...(ending.finish ? { finish: ending.finish } : {}),
  };
}

/** What is proved of waits (P3). */
function proofsOf(knowledge: Knowledge, changed: readonly string[] | 'all') {
  const { unfinished } = knowledge;
  const writtenAt = new Map(changed === 'all' ? [] : changed.map((id, index) => [id, index]));
  const newest = writtenAt.size - 1;
  if (unfinished === 'rest')
    return {
      isUnread: () => true,
      proveWait: () => true,
      proveMore: (facts: Knowledge['facts']) =>
        [...tellingTasks(knowledge, facts)].some((id) => !facts.has(id)),
    };
  return {
    /** Its item was read and does not show it ended. */
    isUnread: (id: string) => unfinished.get(id) === READ,
    /** One of the unknown was unfinished when the last of the known upstream was recorded. */
    proveWait: (upstream: readonly string[], unknown: readonly string[]) => {
      const about = Math.max(...upstream.map((up) => writtenAt.get(up) ?? -1));
      return unknown.some((id) => (unfinished.get(id) ?? -1) >= about && unfinished.has(id));
    },
    /** Something was unfinished when the last record was written, so the workflow is not over. */
    proveMore: (facts: Knowledge['facts']) =>
      [...unfinished].some(([id, index]) => index >= newest && !facts.has(id)),
  };
}

/**
 * The tasks that tell whether the workflow is finished, and how. A cascade of skips is not written in its order, so an
 * end that was skipped does not tell of what stands above it.
 */
const tellingTasks = (
  { graph, unfinished, redriven }: Knowledge,
  facts: Knowledge['facts'],
): Iterable<string> =>
  redriven || unfinished === 'rest' || graph.ends.some((id) => facts.get(id)?.status === 'SKIPPED')
    ? graph.tasks.keys()
    : graph.ends;

function endOf(
  knowledge: Knowledge,
  facts: ReadonlyMap<string, TaskFact>,
): { finish?: 'SUCCESS' | 'FAILED'; question?: Question } {
  const telling = [...tellingTasks(knowledge, facts)];
  const unknown = telling.filter((id) => !facts.has(id));
  if (unknown.length > 0) return knowledge.unfinished === 'rest' ? {} : { question: { unknown } };
  const failed = telling.some((id) => isFailure(facts.get(id) as TaskFact));
  return { finish: failed ? 'FAILED' : 'SUCCESS' };
}

/** Enough to prove the usual waits, and small enough to keep the item below one write unit. */
const WITNESSES = 3;

/**
 * The proof (P3) that travels with the outcome of `taskId`: tasks among `unfinished` that hold up its dependents,
 * one for each if three suffice. The caller vouches that none of them can be terminal before this outcome is.
 */
export function witnessesOf(
  graph: Graph,
  taskId: string,
  unfinished: ReadonlySet<string>,
): readonly string[] {
  const witnesses = new Set<string>();
  for (const dependent of graph.downstream.get(taskId) ?? []) {
    const holding = (graph.upstream.get(dependent) ?? []).filter((up) => unfinished.has(up));
    if (holding.length > 0 && !holding.some((up) => witnesses.has(up)))
      witnesses.add(holding[0] as string);
    if (witnesses.size === WITNESSES) break;
  }
  if (witnesses.size === 0) for (const any of [...unfinished].slice(0, 1)) witnesses.add(any);
  return [...witnesses];
}

/**
 * Whether nothing can follow from the outcome of `taskId` before one of `running` ends too: each of its dependents
 * waits for one of them. Then the outcome may wait a moment for theirs.
 */
export const startsNothing = (
  graph: Graph,
  taskId: string,
  running: ReadonlySet<string>,
): boolean =>
  running.size > 0 &&
  (graph.downstream.get(taskId) ?? []).every(
    (dependent) =>
      !mayRunEarly(graph.tasks.get(dependent)?.triggerRule ?? 'all_success') &&
      (graph.upstream.get(dependent) ?? []).some((up) => running.has(up)),
  );

/** A task met twice, before and after a skip, asks what is still unknown the second time. */
const latestPerTask = (questions: readonly Question[]): readonly Question[] => [
  ...new Map(questions.map((question) => [question.about, question])).values(),
];
