/**
 * The heart: from facts to what follows. Pure.
 *
 * Owns the decision `run | skip | wait | finish`; never reads, writes or looks at a clock.
 *
 * (P1) A decision about a task looks only at the terminal facts of its upstream tasks. Within an epoch these never
 *      change, so whoever decides, and however often, decides the same.
 * (P2) A rule may let a task run early; a skip is decided only when every upstream task is terminal. The order in
 *      which facts arrive changes nothing. (P5) is the one exception.
 * (P3) A wait is never assumed. It is proved by a task that was certainly unfinished when the newest record was
 *      written that the wait is about, because then that task's own record comes later and carries the decision on. A
 *      wait without such a proof is an open question: its facts have to be read before anything can be concluded from
 *      their absence. Memory of a dispatch is no proof: the task may have ended since, before the eyes of another.
 * (P4) A skip leaves no record, so nothing read or said before it was written proves a wait that follows from it:
 *      whoever writes a skip asks again afterwards, with the skipped tasks as what has changed.
 * (P5) Where the definition fails fast, a task that is not begun when a failure is known is skipped, whatever is known of
 *      its upstream. A pass that does not know of the failure may begin it at the same moment: whoever inserts the item
 *      first is right, so such a skip is true only once it is written.
 * (P6) Hooks have no edges. Where a workflow without them would finish, those follow from its end: of `onSuccess` and
 *      `onFailure` the ones that fit run and the others are skipped, then those of `finally` run, and then it finishes.
 */
import type { Graph } from './definition.js';
import { parseItemId } from './map-items.js';
import { isFailure, judge, mayRunEarly, type TriggerRule, type Verdict } from './trigger-rules.js';
import type { SkipReason, TaskFact } from './workflow.js';

export interface Knowledge {
  readonly graph: Graph;
  /** Terminal tasks, as far as known. */
  readonly facts: ReadonlyMap<string, TaskFact>;
  /** Tasks that have been made READY, as far as known: nothing is left to decide about them. */
  readonly started: ReadonlySet<string>;
  /** Tasks read READY a moment ago: begun, but perhaps no worker was told of them. */
  readonly ready?: { has(taskId: string): boolean };
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
  const facts = new Facts(knowledge.facts);
  const run: string[] = [];
  const skip: { taskId: string; reason: SkipReason }[] = [];
  const questions: Question[] = [];
  const decided = new Set<string>();
  const waiting = new Set<string>();
  const skipped = new Set<string>();
  const proofs = proofsOf(knowledge, changed);
  const isOver = hasFailedFast(knowledge);

  const dependentsOfAll = (ids: readonly string[]) =>
    ids.flatMap((id) => graph.downstream.get(id) ?? []);
  // Each task waits in line once, however many of its upstream have changed.
  const open = new Set(
    changed === 'all' || isOver ? graph.upstream.keys() : dependentsOfAll(changed),
  );
  const reconsider = (ids: readonly string[]) => ids.forEach((id) => open.add(id));

  for (const id of open) {
    open.delete(id);
    const fact = facts.get(id);
    // Whoever wrote a skip may have died before writing what follows from it.
    if (fact?.status === 'SKIPPED' && !decided.has(id)) reconsider(dependentsOfAll([id]));
    if (decided.has(id) || fact || started.has(id)) {
      decided.add(id);
      continue;
    }
    const verdict = knowledge.ready?.has(id) ? 'run' : isOver ? 'FAIL_FAST' : verdictOn(id);
    if (verdict === 'wait') {
      const upstream = graph.upstream.get(id) ?? [];
      const unknown = upstream.filter((up) => !facts.has(up));
      // Not decided: a skip further on in this pass may still settle it.
      if (proofs.proveWait(upstream, unknown)) waiting.add(id);
      else questions.push({ about: id, unknown });
      continue;
    }
    // It may have been begun before this record, and have ended since: nothing else would tell.
    if ((verdict === 'FAIL_FAST' || mayHaveRun(id, verdict)) && !proofs.isUnread(id)) {
      questions.push({ about: id, unknown: [] });
      continue;
    }
    decided.add(id);
    if (verdict === 'run') run.push(id);
    else {
      skip.push({ taskId: id, reason: verdict });
      skipped.add(id);
      facts.add(id, { status: 'SKIPPED', reason: verdict });
      reconsider(dependentsOfAll([id]));
    }
  }

  function verdictOn(id: string): Verdict {
    const upstream = graph.upstream.get(id) ?? [];
    const known = upstream.flatMap((up) => {
      const fact = facts.get(up);
      return fact ? countsAs(graph, up, fact) : [];
    });
    return judge(ruleOf(graph, id), known, upstream.length - known.length);
  }

  function mayHaveRun(id: string, verdict: Verdict): boolean {
    const rule = ruleOf(graph, id);
    const edges = graph.upstream.get(id)?.length ?? 0;
    return verdict === 'run' && mayRunEarly(rule) && (edges > 1 || rule === 'always');
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
  const ending: Ending = goesOn ? {} : endOf(knowledge, facts, proofs.isUnread);
  // (P4): asked again once what is skipped is written.
  const asked = skip.length === 0 ? (ending.questions ?? []) : [];
  return {
    run: [...run, ...(ending.run ?? [])],
    skip: [...skip, ...(ending.skip ?? [])],
    questions: [...latestPerTask(stillOpen), ...asked],
    ...(ending.finish ? { finish: ending.finish } : {}),
  };
}

/** The facts known before, and those this pass adds. */
class Facts {
  private readonly added = new Map<string, TaskFact>();
  constructor(private readonly known: ReadonlyMap<string, TaskFact>) {}
  get = (taskId: string) => this.added.get(taskId) ?? this.known.get(taskId);
  has = (taskId: string) => this.added.has(taskId) || this.known.has(taskId);
  add = (taskId: string, fact: TaskFact) => void this.added.set(taskId, fact);
}

const ruleOf = (graph: Graph, taskId: string): TriggerRule =>
  graph.tasks.get(taskId)?.triggerRule ?? 'all_success';

/** How a fact counts for the tasks that depend on it, and for the workflow. */
export const countsAs = (graph: Graph, taskId: string, fact: TaskFact): TaskFact =>
  fact.status === 'FAILED' && graph.tasks.get(taskId)?.continueOnFailure
    ? { status: 'SUCCEEDED' }
    : fact;

/** (P5) What an item of a map or a hook becomes is no failure of its workflow's by itself. */
export const hasFailedFast = ({ graph, facts }: Pick<Knowledge, 'graph' | 'facts'>): boolean =>
  graph.definition.failFast === true &&
  [...facts].some(
    ([taskId, fact]) =>
      fact.status === 'FAILED' &&
      graph.upstream.has(taskId) &&
      countsAs(graph, taskId, fact) === fact,
  );

/** What is proved of waits (P3). */
function proofsOf(knowledge: Knowledge, changed: readonly string[] | 'all') {
  const { unfinished } = knowledge;
  const writtenAt = new Map(changed === 'all' ? [] : changed.map((id, index) => [id, index]));
  const newest = writtenAt.size - 1;
  if (unfinished === 'rest')
    return {
      isUnread: () => true,
      proveWait: () => true,
      proveMore: (facts: Facts) => [...tellingTasks(knowledge, facts)].some((id) => !facts.has(id)),
    };
  return {
    /** Its item was read and does not show it ended. */
    isUnread: (id: string) => unfinished.get(id) === READ,
    /** One of the unknown was unfinished when the last of the known upstream was recorded. */
    proveWait: (upstream: readonly string[], unknown: readonly string[]) => {
      const about = upstream.reduce((last, up) => Math.max(last, writtenAt.get(up) ?? -1), -1);
      return unknown.some((id) => (unfinished.get(id) ?? -1) >= about && unfinished.has(id));
    },
    /** Something was unfinished when the last record was written, so the workflow is not over: no hook that is not begun. */
    proveMore: (facts: Facts) =>
      [...unfinished].some(
        ([id, index]) => index >= newest && !facts.has(id) && !isUnbegunHook(knowledge, id),
      ),
  };
}

const isUnbegunHook = ({ graph, started, ready }: Knowledge, id: string): boolean =>
  graph.hooks.has(id) && !started.has(id) && ready?.has(id) !== true;

/**
 * The tasks that tell whether the workflow is finished, and how. A cascade of skips is not written in its order, so an
 * end that was skipped does not tell of what stands above it.
 */
const tellingTasks = (
  { graph, unfinished, redriven }: Knowledge,
  facts: Facts,
): Iterable<string> =>
  redriven || unfinished === 'rest' || graph.ends.some((id) => facts.get(id)?.status === 'SKIPPED')
    ? graph.upstream.keys()
    : graph.ends;

/** What follows when no task is left to run. */
type Ending = Partial<Plan>;

function endOf(knowledge: Knowledge, facts: Facts, isUnread: (taskId: string) => boolean): Ending {
  const { graph, unfinished } = knowledge;
  const telling = [...tellingTasks(knowledge, facts)];
  const unknown = telling.filter((id) => !facts.has(id));
  if (unknown.length > 0) return unfinished === 'rest' ? {} : { questions: [{ unknown }] };
  const failed = telling.some((id) => isFailure(countsAs(graph, id, facts.get(id) as TaskFact)));
  return graph.hooks.size === 0
    ? { finish: failed ? 'FAILED' : 'SUCCESS' }
    : hooksOf(knowledge, facts, failed, isUnread);
}

/** (P6) */
function hooksOf(
  knowledge: Knowledge,
  facts: Facts,
  failed: boolean,
  isUnread: (taskId: string) => boolean,
): Ending {
  const { graph, started, ready, unfinished } = knowledge;
  const hooks = [...graph.hooks.keys()];
  const isMet = (id: string) => facts.has(id) || started.has(id) || ready?.has(id) === true;
  const due = (id: string) => {
    const hook = graph.hooks.get(id);
    return hook === 'finally' || (hook === 'onFailure') === failed;
  };
  const skip: Plan['skip'][number][] = [];
  for (const isLast of [false, true]) {
    const step = hooks.filter((id) => (graph.hooks.get(id) === 'finally') === isLast);
    const open = step.filter((id) => !facts.has(id));
    // Begun together: where one of them or of those after them is known to be, another may be too.
    const isFirst = !(isLast ? step : hooks).some(isMet);
    const unasked = open.filter((id) => !started.has(id));
    const unsure = unasked.filter(
      (id) => unfinished !== 'rest' && !isFirst && !isUnread(id) && !ready?.has(id),
    );
    if (unsure.length > 0)
      return { skip, questions: unsure.map((id) => ({ about: id, unknown: [] })) };
    const run = unasked.filter(due);
    for (const taskId of unasked)
      if (!due(taskId)) {
        skip.push({ taskId, reason: 'UPSTREAM_SKIPPED' });
        facts.add(taskId, { status: 'SKIPPED', reason: 'UPSTREAM_SKIPPED' });
      }
    if (run.length > 0) return { run, skip };
    const running = open.filter((id) => !facts.has(id));
    if (running.length > 0)
      return unfinished === 'rest' || running.some(isUnread)
        ? { skip }
        : { skip, questions: [{ unknown: running }] };
  }
  const hookFailed = hooks.some((id) => facts.get(id)?.status === 'FAILED');
  return { skip, finish: failed || hookFailed ? 'FAILED' : 'SUCCESS' };
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
  const heldUp = heldUpBy(graph, unfinished);
  for (const dependent of dependentsOf(graph, taskId)) {
    const [first, ...others] = heldUp.get(dependent) ?? [];
    if (first !== undefined && ![first, ...others].some((up) => witnesses.has(up)))
      witnesses.add(first);
    if (witnesses.size === WITNESSES) break;
  }
  if (witnesses.size === 0) for (const any of [...unfinished].slice(0, 1)) witnesses.add(any);
  return [...witnesses];
}

/** The end of a map depends on its items. */
function dependentsOf(graph: Graph, taskId: string): readonly string[] {
  const item = parseItemId(taskId);
  return item ? [item.taskId] : (graph.downstream.get(taskId) ?? []);
}

/** The dependents of these tasks, each with those of them it waits for: few tasks have few, however wide the joins below. */
function heldUpBy(graph: Graph, unfinished: ReadonlySet<string>): ReadonlyMap<string, string[]> {
  const heldUp = new Map<string, string[]>();
  for (const id of unfinished)
    for (const dependent of dependentsOf(graph, id)) {
      const holding = heldUp.get(dependent);
      if (holding) holding.push(id);
      else heldUp.set(dependent, [id]);
    }
  return heldUp;
}

/**
 * Whether nothing can follow from the outcomes of `taskIds` before one of `running` ends too: each of their dependents
 * waits for one of them. Then the outcomes may wait a moment for theirs.
 */
export function startsNothing(
  graph: Graph,
  taskIds: readonly string[],
  running: ReadonlySet<string>,
): boolean {
  if (running.size === 0) return false;
  const heldUp = heldUpBy(graph, running);
  return taskIds.every(
    (taskId) =>
      !makesRoom(graph, taskId) &&
      dependentsOf(graph, taskId).every(
        (dependent) => heldUp.has(dependent) && !mayRunEarly(ruleOf(graph, dependent)),
      ),
  );
}

/** Another item may start once this one has ended. */
const makesRoom = (graph: Graph, taskId: string): boolean => {
  const item = parseItemId(taskId);
  return item !== undefined && graph.tasks.get(item.taskId)?.maxConcurrency !== undefined;
};

/** A task met twice, before and after a skip, asks what is still unknown the second time. */
const latestPerTask = (questions: readonly Question[]): readonly Question[] => [
  ...new Map(questions.map((question) => [question.about, question])).values(),
];
