import fc from 'fast-check';
import { buildGraph, type Graph } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { diamond } from './diamond.js';
import { READ, plan, startsNothing, witnessesOf, type Knowledge } from './planner.js';
import type { TaskFact } from './workflow.js';

const SUCCEEDED: TaskFact = { status: 'SUCCEEDED' };
const FAILED: TaskFact = { status: 'FAILED' };
const graph = buildGraph(diamond);

const know = (facts: Record<string, TaskFact>, more: Partial<Knowledge> = {}): Knowledge => ({
  graph,
  facts: new Map(Object.entries(facts)),
  started: new Set(),
  unfinished: new Map(),
  ...more,
});

describe('what follows from a finished task', () => {
  it('runs the tasks it held up alone', () => {
    expect(plan(know({ A: SUCCEEDED }), ['A'])).toEqual({
      run: ['B1', 'B2', 'B3'],
      skip: [],
      questions: [],
    });
  });

  it('runs a join once all its upstream tasks have succeeded', () => {
    const facts = { A: SUCCEEDED, B1: SUCCEEDED, B2: SUCCEEDED, B3: SUCCEEDED };
    expect(plan(know(facts), ['B2'])).toEqual({ run: ['C'], skip: [], questions: [] });
  });

  it('looks at the dependents of the changed tasks and at nothing else', () => {
    expect(plan(know({ A: SUCCEEDED, C: SUCCEEDED }), ['C']).run).toEqual([]);
  });

  it('leaves alone what has been started', () => {
    const started = new Set(['B1', 'B3']);
    expect(plan(know({ A: SUCCEEDED }, { started }), ['A']).run).toEqual(['B2']);
  });

  it('skips everything below a failure and ends the workflow in the same pass', () => {
    expect(plan(know({ A: FAILED }), ['A'])).toEqual({
      run: [],
      skip: ['B1', 'B2', 'B3', 'C'].map((taskId) => ({ taskId, reason: 'UPSTREAM_FAILED' })),
      questions: [],
      finish: 'FAILED',
    });
  });

  it('decides no skip before every upstream task is terminal', () => {
    const facts = { A: SUCCEEDED, B1: FAILED, B2: SUCCEEDED };
    const waiting = plan(know(facts, { unfinished: 'rest' }), ['B1']);
    expect(waiting).toEqual({ run: [], skip: [], questions: [] });
  });

  it('counts failure before skip', () => {
    const facts: Record<string, TaskFact> = {
      A: SUCCEEDED,
      B1: { status: 'SKIPPED', reason: 'CONDITION_FALSE' },
      B2: FAILED,
      B3: SUCCEEDED,
    };
    expect(plan(know(facts), ['B1']).skip).toEqual([{ taskId: 'C', reason: 'UPSTREAM_FAILED' }]);
  });

  it('skips below a skip that no failure caused, and such a workflow is a success', () => {
    const facts: Record<string, TaskFact> = {
      A: SUCCEEDED,
      B1: { status: 'SKIPPED', reason: 'CONDITION_FALSE' },
      B2: SUCCEEDED,
      B3: SUCCEEDED,
    };
    expect(plan(know(facts), ['B2'])).toEqual({
      run: [],
      skip: [{ taskId: 'C', reason: 'UPSTREAM_SKIPPED' }],
      questions: [],
      finish: 'SUCCESS',
    });
  });

  it('goes on behind a skip that is written already', () => {
    const chain = buildGraph(
      parseDefinition({
        name: 'chain',
        tasks: [
          { id: 'A', function: 'F' },
          { id: 'B', function: 'F', dependsOn: ['A'] },
          { id: 'C', function: 'F', dependsOn: ['B'] },
        ],
      }),
    );
    const facts = new Map<string, TaskFact>([
      ['A', FAILED],
      ['B', { status: 'SKIPPED', reason: 'UPSTREAM_FAILED' }],
    ]);
    expect(plan({ graph: chain, facts, started: new Set(), unfinished: new Map() }, ['A'])).toEqual(
      {
        run: [],
        skip: [{ taskId: 'C', reason: 'UPSTREAM_FAILED' }],
        questions: [],
        finish: 'FAILED',
      },
    );
  });

  it('ends the workflow although it met a task before the skip that decides it', () => {
    const listed = buildGraph(
      parseDefinition({
        name: 'listed-from-the-end',
        tasks: [
          { id: 'C', function: 'F', dependsOn: ['A', 'B'] },
          { id: 'B', function: 'F', dependsOn: ['A'] },
          { id: 'A', function: 'F' },
        ],
      }),
    );
    const facts = new Map([['A', FAILED]]);
    const bare = { graph: listed, facts, started: new Set<string>() };
    for (const unfinished of ['rest', new Map<string, number>()] as const)
      for (const changed of ['all', ['A']] as const)
        expect(plan({ ...bare, unfinished }, changed).finish).toBe('FAILED');
  });

  it('finishes a workflow whose every task has succeeded', () => {
    const facts = { A: SUCCEEDED, B1: SUCCEEDED, B2: SUCCEEDED, B3: SUCCEEDED, C: SUCCEEDED };
    expect(plan(know(facts), ['C'])).toEqual({
      run: [],
      skip: [],
      questions: [],
      finish: 'SUCCESS',
    });
  });
});

describe('waiting', () => {
  it('is proved by a task that is certainly unfinished', () => {
    const facts = { B1: SUCCEEDED };
    expect(plan(know(facts, { unfinished: new Map([['B3', 0]]) }), ['B1'])).toEqual({
      run: [],
      skip: [],
      questions: [],
    });
  });

  it('without proof is a question', () => {
    expect(plan(know({ B1: SUCCEEDED }), ['B1']).questions).toEqual([
      { about: 'C', unknown: ['B2', 'B3'] },
    ]);
  });

  it('is not proved by the memory of a dispatch', () => {
    const started = new Set(['B2', 'B3']);
    expect(plan(know({ B1: SUCCEEDED }, { started }), ['B1']).questions).toHaveLength(1);
  });

  it('for the end of the workflow needs proof as well', () => {
    const two = buildGraph(
      parseDefinition({
        name: 'two',
        tasks: [
          { id: 'A', function: 'F' },
          { id: 'B', function: 'F' },
        ],
      }),
    );
    const facts = new Map([['A', SUCCEEDED]]);
    const bare = { graph: two, facts, started: new Set<string>() };
    expect(plan({ ...bare, unfinished: new Map() }, ['A']).questions).toEqual([{ unknown: ['B'] }]);
    expect(plan({ ...bare, unfinished: new Map([['B', 0]]) }, ['A']).questions).toEqual([]);
    expect(plan({ ...bare, unfinished: 'rest' }, ['A'])).toEqual({
      run: [],
      skip: [],
      questions: [],
    });
  });
});

describe('the witnesses of an outcome', () => {
  it('hold up a dependent of the task', () => {
    expect(witnessesOf(graph, 'B1', new Set(['B2', 'B3']))).toEqual(['B2']);
  });
  it('are any unfinished task when none of its dependents waits', () => {
    expect(witnessesOf(graph, 'A', new Set(['X']))).toEqual(['X']);
  });
  it('are none when nothing is unfinished', () => {
    expect(witnessesOf(graph, 'B1', new Set())).toEqual([]);
  });
});

/** A DAG of up to 14 tasks, which of them fail, and a stream of choices that drives the schedule. */
const run = fc.record({
  edges: fc.array(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 30 }),
  size: fc.integer({ min: 1, max: 14 }),
  failing: fc.uniqueArray(fc.nat(13), { maxLength: 4 }),
  /** In which order the definition lists its tasks. */
  order: fc.shuffledSubarray(
    Array.from({ length: 14 }, (_, n) => n),
    { minLength: 14 },
  ),
  choices: fc.infiniteStream(fc.nat(1_000_000)),
});

function graphOf(
  size: number,
  edges: readonly (readonly [number, number])[],
  order: readonly number[],
): Graph {
  const dependsOn = (n: number) => [
    ...new Set(edges.filter(([a, b]) => a < b && b === n && a < size).map(([a]) => `T${a}`)),
  ];
  return buildGraph(
    parseDefinition({
      name: 'random',
      tasks: order
        .filter((n) => n < size)
        .map((n) => ({
          id: `T${n}`,
          function: 'F',
          dependsOn: dependsOn(n),
        })),
    }),
  );
}

/** The rules, told without a planner: in topological order, which is that of the numbers. */
function expectedOf(dag: Graph, failing: ReadonlySet<string>): Map<string, TaskFact> {
  const facts = new Map<string, TaskFact>();
  for (let n = 0; n < dag.tasks.size; n += 1) {
    const id = `T${n}`;
    const upstream = (dag.upstream.get(id) ?? []).map((up) => facts.get(up) as TaskFact);
    const broken = upstream.some(({ status }) => status !== 'SUCCEEDED');
    if (broken) facts.set(id, { status: 'SKIPPED', reason: 'UPSTREAM_FAILED' });
    else facts.set(id, failing.has(id) ? FAILED : SUCCEEDED);
  }
  return facts;
}

interface StreamRecord {
  readonly taskId: string;
  readonly witnesses: readonly string[];
}

describe('an end that was skipped', () => {
  it('does not tell of the tasks above it, whose skips may not be written yet', () => {
    const line = buildGraph(
      parseDefinition({
        name: 'line',
        tasks: [
          { id: 'A', function: 'F' },
          { id: 'B', function: 'F', dependsOn: ['A'] },
          { id: 'C', function: 'F', dependsOn: ['B'] },
          { id: 'D', function: 'F' },
        ],
      }),
    );
    const facts = new Map<string, TaskFact>([
      ['C', { status: 'SKIPPED', reason: 'UPSTREAM_FAILED' }],
      ['D', SUCCEEDED],
    ]);
    const decided = plan({ graph: line, facts, started: new Set(), unfinished: new Map() }, ['D']);
    expect(decided.finish).toBeUndefined();
    expect(decided.questions).toEqual([{ unknown: ['A', 'B'] }]);
  });
});

describe('a whole run, whatever its order', () => {
  /**
   * Three containers with memories of their own take the records of one stream in batches of any size, each batch
   * by any of them; memories get lost; workers hold several tasks and record them one by one with their witnesses.
   */
  it('decides every task once, as the rules say, and ends once', () => {
    fc.assert(
      fc.property(run, ({ edges, size, failing, order, choices }) => {
        const dag = graphOf(size, edges, order);
        const fails = new Set(failing.map((n) => `T${n}`));
        const pick = (below: number) => (choices.next().value as number) % below;

        const store = new Map<string, TaskFact | 'started'>();
        const stream: StreamRecord[] = [];
        const messages: Set<string>[] = [];
        const memories = [0, 1, 2].map(() => new Map<string, TaskFact>());
        let finished: string | undefined;
        let reads = 0;

        const carryOut = (decided: ReturnType<typeof plan>) => {
          for (const id of decided.run)
            for (const up of dag.upstream.get(id) ?? []) expect(store.get(up)).toEqual(SUCCEEDED);
          const fresh = decided.run.filter((id) => !store.has(id));
          for (const id of fresh) store.set(id, 'started');
          for (const { taskId, reason } of decided.skip)
            if (!store.has(taskId)) store.set(taskId, { status: 'SKIPPED', reason });
          if (fresh.length > 0) messages.push(new Set(fresh));
          if (decided.finish) {
            expect([...store.values()]).not.toContain('started');
            expect(finished ?? decided.finish).toBe(decided.finish);
            finished = decided.finish;
          }
        };
        const facts = () =>
          new Map(
            [...store].filter((entry): entry is [string, TaskFact] => entry[1] !== 'started'),
          );
        const complete = (changed: readonly string[] | 'all') => {
          reads += 1;
          const started = new Set([...store].filter(([, s]) => s === 'started').map(([id]) => id));
          carryOut(plan({ graph: dag, facts: facts(), started, unfinished: 'rest' }, changed));
        };
        const deliver = () => {
          const batch = stream.splice(0, 1 + pick(3));
          const memory = memories[pick(3)] as Map<string, TaskFact>;
          if (pick(5) === 0) memory.clear();
          for (const { taskId } of batch) memory.set(taskId, store.get(taskId) as TaskFact);
          const changed = batch.map(({ taskId }) => taskId);
          const unfinished = new Map(
            batch.flatMap(({ witnesses }, index) => witnesses.map((id) => [id, index] as const)),
          );
          for (const id of memory.keys()) unfinished.delete(id);
          const decided = plan(
            { graph: dag, facts: new Map(memory), started: new Set(), unfinished },
            changed,
          );
          if (decided.questions.length > 0) complete(changed);
          else {
            carryOut(decided);
            if (decided.skip.length > 0 && !decided.finish)
              complete(decided.skip.map(({ taskId }) => taskId));
          }
        };
        const endOne = () => {
          const at = pick(messages.length);
          const message = messages[at] as Set<string>;
          const taskId = [...message][pick(message.size)] as string;
          message.delete(taskId);
          if (message.size === 0) messages.splice(at, 1);
          store.set(taskId, fails.has(taskId) ? FAILED : SUCCEEDED);
          stream.push({ taskId, witnesses: witnessesOf(dag, taskId, message) });
        };

        complete('all');
        for (let steps = 0; messages.length > 0 || stream.length > 0; steps += 1) {
          expect(steps).toBeLessThan(1_000);
          if (stream.length === 0 || (messages.length > 0 && pick(2) === 0)) endOne();
          else deliver();
        }
        expect(new Map(store)).toEqual(expectedOf(dag, fails));
        expect(finished).toBe(
          [...store.values()].some((s) => s !== 'started' && s.status === 'FAILED')
            ? 'FAILED'
            : 'SUCCESS',
        );
        expect(reads).toBeLessThanOrEqual(1 + size);
      }),
      { numRuns: 1_500 },
    );
  });

  it('of the diamond in one container reads nothing', () => {
    const orders = [
      ['B1', 'B2', 'B3'],
      ['B3', 'B1', 'B2'],
      ['B2', 'B3', 'B1'],
    ];
    for (const order of orders) {
      const facts = new Map<string, TaskFact>([['A', SUCCEEDED]]);
      const held = new Set(order);
      const plans = order.map((taskId) => {
        held.delete(taskId);
        facts.set(taskId, SUCCEEDED);
        const unfinished = new Map(witnessesOf(graph, taskId, held).map((id) => [id, 0] as const));
        return plan({ graph, facts, started: new Set(), unfinished }, [taskId]);
      });
      expect(plans.flatMap(({ questions }) => questions)).toEqual([]);
      expect(plans.map(({ run }) => run)).toEqual([[], [], ['C']]);
    }
  });
});

describe('a failure that does not matter', () => {
  const continuing = buildGraph(
    parseDefinition({
      name: 'continuing',
      tasks: [
        { id: 'A', function: 'F', continueOnFailure: true },
        { id: 'B', function: 'F', dependsOn: ['A'] },
        { id: 'N', function: 'F', dependsOn: ['A'], triggerRule: 'one_failed' },
      ],
    }),
  );

  it('counts as a success for every rule', () => {
    expect(plan(know({ A: FAILED }, { graph: continuing }), ['A'])).toMatchObject({
      run: ['B'],
      skip: [{ taskId: 'N', reason: 'UPSTREAM_SKIPPED' }],
    });
  });

  it('counts as a success for the workflow', () => {
    const facts: Record<string, TaskFact> = {
      A: FAILED,
      B: SUCCEEDED,
      N: { status: 'SKIPPED', reason: 'UPSTREAM_SKIPPED' },
    };
    expect(plan(know(facts, { graph: continuing }), ['B']).finish).toBe('SUCCESS');
  });
});

describe('failing fast', () => {
  const fast = buildGraph(
    parseDefinition({
      name: 'fast',
      failFast: true,
      tasks: [
        { id: 'A', function: 'F' },
        { id: 'B', function: 'F' },
        { id: 'C', function: 'F', dependsOn: ['B'] },
        { id: 'D', function: 'F', dependsOn: ['A'], triggerRule: 'all_done' },
      ],
    }),
  );
  const failed = (more: Partial<Knowledge>) =>
    plan(know({ A: FAILED }, { graph: fast, ...more }), ['A']);

  it('asks first which tasks have begun', () => {
    expect(failed({})).toMatchObject({
      run: [],
      skip: [],
      questions: ['B', 'C', 'D'].map((about) => ({ about, unknown: [] })),
    });
  });

  it('skips what has not begun, whatever its rule, and lets the others end', () => {
    expect(failed({ unfinished: 'rest', started: new Set(['B']) })).toEqual({
      run: [],
      skip: ['C', 'D'].map((taskId) => ({ taskId, reason: 'FAIL_FAST' })),
      questions: [],
    });
  });

  it('tells a worker again of what was read READY', () => {
    expect(failed({ unfinished: 'rest', ready: new Set(['B']) }).run).toEqual(['B']);
  });

  it('ends the workflow once nothing runs any more', () => {
    expect(
      plan(know({ A: FAILED, B: SUCCEEDED }, { graph: fast, unfinished: 'rest' }), ['B']),
    ).toMatchObject({ skip: [{ taskId: 'C' }, { taskId: 'D' }], finish: 'FAILED' });
  });

  it('does not mind a failure that continues', () => {
    const tasks = fast.definition.tasks.map((task) => ({ ...task, continueOnFailure: true }));
    const graph = buildGraph(parseDefinition({ ...fast.definition, tasks }));
    expect(plan(know({ A: FAILED }, { graph }), ['A']).run).toEqual(['D']);
  });
});

describe('hooks', () => {
  const hooked = buildGraph(
    parseDefinition({
      name: 'hooked',
      tasks: [
        { id: 'A', function: 'A' },
        { id: 'B', function: 'A', dependsOn: ['A'] },
      ],
      onSuccess: [{ id: 'well', function: 'A' }],
      onFailure: [
        { id: 'badly', function: 'A' },
        { id: 'worse', function: 'A' },
      ],
      finally: [{ id: 'last', function: 'A' }],
    }),
  );
  const NOT_DUE: TaskFact = { status: 'SKIPPED', reason: 'UPSTREAM_SKIPPED' };
  const knowHooked = (facts: Record<string, TaskFact>, more: Partial<Knowledge> = {}) =>
    know(facts, { graph: hooked, ...more });
  const skips = (...ids: string[]) => ids.map((taskId) => ({ taskId, reason: 'UPSTREAM_SKIPPED' }));
  const SUCCESS = { A: SUCCEEDED, B: SUCCEEDED };

  it('do not begin before all tasks have ended', () => {
    expect(plan(knowHooked({ A: SUCCEEDED }), ['A'])).toMatchObject({ run: ['B'], skip: [] });
    const waiting = plan(knowHooked({ A: SUCCEEDED }, { started: new Set(['B']) }), ['A']);
    expect(waiting).toMatchObject({ run: [], skip: [], questions: [{ unknown: ['B'] }] });
  });

  it('begin in the pass that would finish the workflow without them, those that fit its end', () => {
    expect(plan(knowHooked(SUCCESS), ['B'])).toEqual({
      run: ['well'],
      skip: skips('badly', 'worse'),
      questions: [],
    });
    expect(plan(knowHooked({ A: FAILED }), ['A'])).toEqual({
      run: ['badly', 'worse'],
      skip: [{ taskId: 'B', reason: 'UPSTREAM_FAILED' }, ...skips('well')],
      questions: [],
    });
  });

  it('of `finally` follow the others, and the workflow ends after them', () => {
    const facts = { ...SUCCESS, badly: NOT_DUE, worse: NOT_DUE, well: SUCCEEDED };
    expect(plan(knowHooked(facts), ['well'])).toEqual({ run: ['last'], skip: [], questions: [] });
    expect(plan(knowHooked({ ...facts, last: SUCCEEDED }), ['last']).finish).toBe('SUCCESS');
  });

  it.each<[string, Record<string, TaskFact>]>([
    ['a task', { A: FAILED, B: { status: 'SKIPPED', reason: 'UPSTREAM_FAILED' } }],
    ['a hook', { ...SUCCESS, well: FAILED }],
  ])('leave a workflow FAILED in which %s failed', (_, facts) => {
    const others = { badly: SUCCEEDED, worse: SUCCEEDED, well: SUCCEEDED, last: SUCCEEDED };
    expect(plan(knowHooked({ ...others, ...facts }), ['last']).finish).toBe('FAILED');
  });

  it('are asked about where one of them is known to have begun', () => {
    const facts: Record<string, TaskFact> = {
      A: FAILED,
      B: { status: 'SKIPPED', reason: 'UPSTREAM_FAILED' },
      badly: SUCCEEDED,
    };
    expect(plan(knowHooked(facts), ['badly'])).toMatchObject({
      run: [],
      questions: [
        { about: 'well', unknown: [] },
        { about: 'worse', unknown: [] },
      ],
    });
    const asked = { well: NOT_DUE };
    const unfinished = new Map([['worse', READ]]);
    const running = { unfinished, started: new Set(['worse']) };
    expect(plan(knowHooked({ ...facts, ...asked }, running), ['badly']).run).toEqual([]);
    // Read and not there: whoever began the other was refused, or died, before this one.
    const absent = knowHooked({ ...facts, ...asked }, { unfinished });
    expect(plan(absent, ['badly']).run).toEqual(['worse']);
  });

  it('that run are waited for only with a proof', () => {
    const facts: Record<string, TaskFact> = {
      A: FAILED,
      B: { status: 'SKIPPED', reason: 'UPSTREAM_FAILED' },
      well: NOT_DUE,
      badly: SUCCEEDED,
    };
    const started = new Set(['worse']);
    expect(plan(knowHooked(facts, { started }), ['badly']).questions).toEqual([
      { unknown: ['worse'] },
    ]);
    const proved = knowHooked(facts, { started, unfinished: new Map([['worse', 0]]) });
    expect(plan(proved, ['badly'])).toEqual({ run: [], skip: [], questions: [] });
  });

  it('run after a workflow has failed fast', () => {
    const fast = buildGraph({ ...hooked.definition, failFast: true });
    const known = know({ A: FAILED }, { graph: fast, unfinished: 'rest' });
    expect(plan(known, 'all')).toEqual({
      run: ['badly', 'worse'],
      skip: [{ taskId: 'B', reason: 'FAIL_FAST' }, ...skips('well')],
      questions: [],
    });
  });
});

describe('the items of a map', () => {
  const map = (more: object) =>
    buildGraph(
      parseDefinition({
        name: 'mapped',
        tasks: [
          { id: 'B', function: 'A', forEach: [1, 2], ...more },
          { id: 'C', function: 'A', dependsOn: ['B'] },
        ],
      }),
    );

  it('are witnesses of each other: while one runs the map has not ended', () => {
    const unfinished = new Set(['C', 'B[1]']);
    expect(witnessesOf(map({}), 'B[0]', unfinished)).toEqual(['B[1]']);
  });

  it('wait for company, unless another may start in their place', () => {
    const running = new Set(['B[1]']);
    expect(startsNothing(map({}), ['B[0]'], running)).toBe(true);
    expect(startsNothing(map({ maxConcurrency: 2 }), ['B[0]'], running)).toBe(false);
  });
});
