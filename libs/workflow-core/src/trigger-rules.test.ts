import { buildGraph } from './definition.js';
import { parseDefinition } from './parse-definition.js';
import { plan } from './planner.js';
import { TRIGGER_RULES, judge, mayRunEarly, type TriggerRule } from './trigger-rules.js';
import type { TaskFact } from './workflow.js';

const FACTS: Record<string, TaskFact> = {
  s: { status: 'SUCCEEDED' },
  f: { status: 'FAILED' },
  u: { status: 'SKIPPED', reason: 'UPSTREAM_FAILED' },
  k: { status: 'SKIPPED', reason: 'UPSTREAM_SKIPPED' },
};
const factsOf = (letters: string) => [...letters].map((letter) => FACTS[letter] as TaskFact);

/** How two or three upstream tasks ended (succeeded, failed, upstream failed, skipped), and what the rule says. */
const TABLE: Record<TriggerRule, Record<string, 'run' | 'failed' | 'skipped'>> = {
  all_success: { ss: 'run', sk: 'skipped', fk: 'failed', su: 'failed', sfk: 'failed' },
  all_failed: { sf: 'skipped', ff: 'run', uu: 'run', kk: 'skipped', uk: 'skipped' },
  all_done: { ss: 'run', sk: 'run', fk: 'run', su: 'run', sfk: 'run' },
  all_done_min_one_success: { sf: 'run', ff: 'failed', sk: 'run', kk: 'skipped' },
  all_skipped: { sf: 'skipped', ff: 'skipped', kk: 'run', uk: 'skipped' },
  always: { ss: 'run', sk: 'run', fk: 'run', su: 'run', sfk: 'run' },
  none_failed: { sf: 'failed', ff: 'failed', kk: 'run', uk: 'failed', sk: 'run' },
  none_failed_min_one_success: {
    ss: 'run',
    sk: 'run',
    fk: 'failed',
    su: 'failed',
    sfk: 'failed',
    kk: 'skipped',
  },
  none_skipped: { sf: 'run', ff: 'run', kk: 'skipped', uk: 'skipped' },
  one_done: { ss: 'run', sk: 'run', fk: 'run', su: 'run', kk: 'skipped' },
  one_failed: { ss: 'skipped', sk: 'skipped', fk: 'run', su: 'run', sfk: 'run' },
  one_success: { sf: 'run', ff: 'failed', kk: 'skipped', uk: 'failed', sk: 'run' },
};
const WORDS = { run: 'run', failed: 'UPSTREAM_FAILED', skipped: 'UPSTREAM_SKIPPED' };
const ROWS = Object.entries(TABLE).flatMap(([rule, row]) =>
  Object.entries(row).map(([upstream, says]) => [rule as TriggerRule, upstream, says] as const),
);

describe('a trigger rule whose upstream has ended', () => {
  it.each(ROWS)('%s after %s: %s', (rule, upstream, says) => {
    expect(judge(rule, factsOf(upstream), 0)).toBe(WORDS[says]);
  });

  it.each(TRIGGER_RULES)('%s lets a task without upstream run', (rule) => {
    expect(judge(rule, [], 0)).toBe('run');
  });
});

describe('a trigger rule while upstream tasks are unfinished', () => {
  it.each([
    ['one_success', 's'],
    ['one_failed', 'f'],
    ['one_failed', 'u'],
    ['one_done', 's'],
    ['one_done', 'f'],
    ['always', ''],
  ] as const)('%s runs as soon as it sees "%s"', (rule, upstream) => {
    expect(judge(rule, factsOf(upstream), 1)).toBe('run');
  });

  it.each([
    ['one_success', 'fk'],
    ['one_failed', 'sk'],
    ['one_done', 'k'],
  ] as const)('%s waits after "%s", however it will end', (rule, upstream) => {
    expect(judge(rule, factsOf(upstream), 1)).toBe('wait');
  });

  it.each(TRIGGER_RULES.filter((rule) => !mayRunEarly(rule)))(
    '%s waits for the last, whatever the others were',
    (rule) => {
      for (const upstream of ['s', 'f', 'u', 'k', 'sf', 'sk'])
        expect(judge(rule, factsOf(upstream), 1)).toBe('wait');
    },
  );
});

describe('a workflow with trigger rules', () => {
  const graph = buildGraph(
    parseDefinition({
      name: 'w',
      tasks: [
        { id: 'A', function: 'F' },
        { id: 'B', function: 'F' },
        { id: 'first', function: 'F', dependsOn: ['A', 'B'], triggerRule: 'one_success' },
        { id: 'cleanup', function: 'F', dependsOn: ['first'], triggerRule: 'all_done' },
      ],
    }),
  );
  const rest = { graph, started: new Set<string>(), unfinished: 'rest' } as const;

  it('ends by its tasks that nothing waits on to succeed', () => {
    expect(graph.ends).toEqual(['A', 'B', 'first', 'cleanup']);
  });

  it('runs a task early, once: whether it ran already is asked before', () => {
    const facts = new Map([['A', FACTS['s'] as TaskFact]]);
    const asked = plan({ graph, facts, started: new Set(), unfinished: new Map() }, ['A']);
    expect(asked).toMatchObject({ run: [], questions: [{ about: 'first', unknown: [] }] });
    expect(plan({ ...rest, facts }, ['A'])).toMatchObject({ run: ['first'], questions: [] });
  });

  it('is FAILED for a task that failed, although what follows succeeded', () => {
    const facts = new Map(
      Object.entries({ A: 's', B: 'f', first: 's', cleanup: 's' }).map(([id, letter]) => [
        id,
        FACTS[letter] as TaskFact,
      ]),
    );
    expect(plan({ ...rest, facts }, 'all')).toMatchObject({ finish: 'FAILED' });
  });

  it('is not over while a task runs whose dependents went ahead', () => {
    const facts = new Map(
      ['A', 'first', 'cleanup'].map((id) => [id, FACTS['s'] as TaskFact] as const),
    );
    const decided = plan({ graph, facts, started: new Set(['B']), unfinished: new Map() }, [
      'cleanup',
    ]);
    expect(decided).toMatchObject({ run: [], questions: [{ unknown: ['B'] }] });
    expect(decided.finish).toBeUndefined();
  });

  it('asks whether a task that runs always has run, even of one upstream', () => {
    const one = buildGraph(
      parseDefinition({
        name: 'w',
        tasks: [
          { id: 'A', function: 'F' },
          { id: 'B', function: 'F', dependsOn: ['A'], triggerRule: 'always' },
        ],
      }),
    );
    expect(one.roots).toEqual(['A', 'B']);
    const facts = new Map([['A', FACTS['s'] as TaskFact]]);
    const nothing = { graph: one, facts, started: new Set<string>(), unfinished: new Map() };
    expect(plan(nothing, ['A'])).toMatchObject({ run: [], questions: [{ about: 'B' }] });
  });
});
