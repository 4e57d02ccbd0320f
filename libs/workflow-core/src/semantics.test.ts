/** How failures, skips and rules settle, by the planner alone: each case in many orders, every outcome scripted. */
import fc from 'fast-check';
import { SEMANTICS_CASES, SEMANTICS_ROWS, definitionOf } from './contract/index.js';
import type { Ending, SemanticsCase } from './contract/index.js';
import { buildGraph, type Graph } from './definition.js';
import { READ, plan, type Plan } from './planner.js';
import type { SkipReason, TaskFact } from './workflow.js';

const ORDERS = 100;

describe.each(SEMANTICS_CASES.map((each) => [each.engine, each.title, each] as const))(
  '%s: %s',
  (_, __, each) => inAnyOrder(each),
);

describe.each(SEMANTICS_ROWS.map((each) => [each.engine, each.title, each] as const))(
  '%s: %s',
  (_, __, each) => inAnyOrder(each),
);

/** fast-check prints the seed of an order that is wrong. */
function inAnyOrder(each: SemanticsCase): void {
  it('holds in whatever order its tasks end', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1_000_000)), (choices) => {
        const pick = (below: number) => (choices.next().value as number) % below;
        expect(runToTheEnd(each, pick)).toEqual({ ends: each.ends, tasksEnd: each.tasksEnd });
      }),
      { numRuns: ORDERS },
    );
  });
}

/**
 * A store that takes whoever comes first, a stream of records that are decided one by one or together, in any order and
 * from a memory that may be lost, and tasks that end in any order.
 */
function runToTheEnd(each: SemanticsCase, pick: (below: number) => number) {
  const run = new Run(each, pick);
  while (run.ends === undefined) {
    const [running, records] = [run.running(), run.stream.length];
    if (running.length + records === 0) throw new Error(`stuck: ${JSON.stringify([...run.store])}`);
    if (running.length > 0 && pick(running.length + records) < running.length)
      run.end(running[pick(running.length)] as string);
    else run.decide(run.stream.splice(pick(records), 1 + pick(2)));
  }
  const endings = [...run.store].map(([id, fact]) => [id, endingOf(fact)]);
  return { ends: run.ends, tasksEnd: Object.fromEntries(endings) };
}

const endingOf = (fact: TaskFact | 'begun'): Ending | 'begun' =>
  fact === 'begun' ? fact : ((fact.reason ?? fact.status) as Ending);

class Run {
  readonly store = new Map<string, TaskFact | 'begun'>();
  readonly stream: string[] = [];
  ends: Plan['finish'];
  private memory = new Map<string, TaskFact>();
  private readonly graph: Graph;

  constructor(
    private readonly each: SemanticsCase,
    private readonly pick: (below: number) => number,
  ) {
    this.graph = buildGraph(definitionOf('case', each, 'F'));
    for (const root of this.graph.roots) this.store.set(root, 'begun');
  }

  /** Those that take their time come when nothing else can. */
  running(): string[] {
    const begun = [...this.store].flatMap(([id, is]) => (is === 'begun' ? [id] : []));
    const quick = begun.filter((id) => !isSlow(this.each, id));
    return quick.length > 0 || this.stream.length > 0 ? quick : begun;
  }

  end(id: string): void {
    this.store.set(id, outcomeOf(this.each, id));
    this.stream.push(id);
  }

  decide(changed: readonly string[]): void {
    if (this.pick(3) === 0) this.memory = new Map();
    for (const id of changed) this.learn([id]);
    let next = this.ask(changed);
    for (;;) {
      const settled = this.carryOut(next);
      if (this.ends !== undefined || settled.length === 0) return;
      next = this.ask(settled);
    }
  }

  /** What is in doubt is read, and then asked again. */
  private ask(changed: readonly string[]): Plan {
    const before = this.plan(changed, new Map());
    if (before.questions.length === 0) return before;
    const asked = before.questions.flatMap(({ about, unknown }) => [about ?? [], unknown].flat());
    this.learn(asked);
    const proved = new Map(asked.filter((id) => !this.memory.has(id)).map((id) => [id, READ]));
    const after = this.plan(changed, proved);
    if (after.questions.length === 0) return after;
    this.learn(this.graph.tasks.keys());
    return this.plan(changed, 'rest');
  }

  private plan(changed: readonly string[], unfinished: ReadonlyMap<string, number> | 'rest'): Plan {
    const begun = [...this.store].flatMap(([id, is]) => (is === 'begun' ? [id] : []));
    const { graph, memory } = this;
    return plan({ graph, facts: memory, started: new Set(begun), unfinished }, changed);
  }

  private learn(ids: Iterable<string>): void {
    for (const id of ids) {
      const is = this.store.get(id);
      if (is !== undefined && is !== 'begun') this.memory.set(id, is);
    }
  }

  /** What has ended by now: skips, and what others had begun and ended before. */
  private carryOut({ run, skip, finish }: Plan): string[] {
    for (const id of run) if (!this.store.has(id)) this.store.set(id, 'begun');
    for (const { taskId, reason } of skip)
      if (!this.store.has(taskId)) this.store.set(taskId, { status: 'SKIPPED', reason });
    const decided = [...run, ...skip.map(({ taskId }) => taskId)];
    this.learn(decided);
    this.ends = finish;
    return decided.filter((id) => this.memory.has(id));
  }
}

/** As its script says; whether a condition is false is what the table says of it. */
function outcomeOf(
  { failAttempts, attempts, tasksEnd, tasks }: SemanticsCase,
  id: string,
): TaskFact {
  if (tasksEnd[id] === 'CONDITION_FALSE') return skippedFor('CONDITION_FALSE');
  const tries = 1 + (tasks.find((task) => task.id === id)?.retry?.maxAttempts ?? 0);
  const failing = refusesItsInput(tasks, id) ? Infinity : (failAttempts?.[id] ?? 0);
  if (attempts?.[id] !== undefined) expect(attempts[id]).toBe(Math.min(failing + 1, tries));
  return { status: failing >= tries ? 'FAILED' : 'SUCCEEDED' };
}

const skippedFor = (reason: SkipReason): TaskFact => ({ status: 'SKIPPED', reason });

const delayOf = (tasks: SemanticsCase['tasks'], id: string): number => {
  const input = tasks.find((task) => task.id === id)?.input;
  return typeof input === 'object' && input !== null && 'delayMs' in input
    ? Number(input['delayMs'])
    : 0;
};
const isSlow = ({ tasks }: SemanticsCase, id: string) => delayOf(tasks, id) > 0;
const refusesItsInput = (tasks: SemanticsCase['tasks'], id: string) => delayOf(tasks, id) < 0;
