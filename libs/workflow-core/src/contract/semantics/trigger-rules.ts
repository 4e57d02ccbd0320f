/**
 * Airflow's trigger rules once all of the upstream has ended: `trigger_rule_dep.py` and the documents, where the two
 * agree. About `all_done_min_one_success` they do not: its rows with a skipped task upstream are left out.
 */
import type { TriggerRule } from '../../trigger-rules.js';
import { ALWAYS, task, type Ending, type SemanticsCase } from './semantics-case.js';

/** s: succeeded, f: failed, u: skipped for a failure further up, k: skipped for another reason. */
type Upstream = 's' | 'f' | 'u' | 'k';
type Says = 'run' | 'failed' | 'skipped';

const TABLE: Readonly<Record<TriggerRule, Readonly<Record<string, Says>>>> = {
  all_success: { ss: 'run', sk: 'skipped', fk: 'failed', su: 'failed', sfk: 'failed' },
  all_failed: { sf: 'skipped', ff: 'run', kk: 'skipped', uk: 'skipped' },
  all_done: { ss: 'run', sk: 'run', fk: 'run', su: 'run', sfk: 'run' },
  all_skipped: { sf: 'skipped', ff: 'skipped', kk: 'run', uk: 'skipped' },
  one_failed: { ss: 'skipped', sk: 'skipped', fk: 'run', su: 'run', sfk: 'run' },
  one_success: { sf: 'run', ff: 'failed', kk: 'skipped', uk: 'failed' },
  one_done: { ss: 'run', sk: 'run', fk: 'run', su: 'run', sfk: 'run' },
  none_failed: { sf: 'failed', ff: 'failed', kk: 'run', uk: 'failed' },
  none_failed_min_one_success: { ss: 'run', sk: 'run', fk: 'failed', su: 'failed', sfk: 'failed' },
  none_skipped: { sf: 'run', ff: 'run', kk: 'skipped', uk: 'skipped' },
  always: { ss: 'run', sk: 'run', fk: 'run', su: 'run', sfk: 'run' },
  all_done_min_one_success: { sf: 'run', ff: 'failed' },
};

const ENDING: Readonly<Record<Says, Ending>> = {
  run: 'SUCCEEDED',
  failed: 'UPSTREAM_FAILED',
  skipped: 'UPSTREAM_SKIPPED',
};

type Part = Required<Pick<SemanticsCase, 'tasks' | 'failAttempts' | 'tasksEnd'>>;

/** A task that ends so, below whatever makes it. */
function upstreamOf(id: string, ends: Upstream, isForgiven: boolean): Part {
  if (ends === 's')
    return isForgiven
      ? {
          tasks: [task(id, [], { continueOnFailure: true })],
          failAttempts: { [id]: ALWAYS },
          tasksEnd: { [id]: 'FAILED' },
        }
      : { tasks: [task(id)], failAttempts: {}, tasksEnd: { [id]: 'SUCCEEDED' } };
  if (ends === 'f')
    return { tasks: [task(id)], failAttempts: { [id]: ALWAYS }, tasksEnd: { [id]: 'FAILED' } };
  if (ends === 'k')
    return {
      tasks: [task(id, [], { when: '{% false %}' })],
      failAttempts: {},
      tasksEnd: { [id]: 'CONDITION_FALSE' },
    };
  const broken = `${id}-above`;
  return {
    tasks: [task(broken), task(id, [broken])],
    failAttempts: { [broken]: ALWAYS },
    tasksEnd: { [broken]: 'FAILED', [id]: 'UPSTREAM_FAILED' },
  };
}

const joined = (parts: readonly Part[]): Part => ({
  tasks: parts.flatMap(({ tasks }) => tasks),
  failAttempts: Object.assign({}, ...parts.map(({ failAttempts }) => failAttempts)),
  tasksEnd: Object.assign({}, ...parts.map(({ tasksEnd }) => tasksEnd)),
});

function rowOf(rule: TriggerRule, upstream: string, says: Says, isForgiven: boolean): Part {
  const name = `${rule}-${upstream}${isForgiven ? '-continued' : ''}`;
  const ids = [...upstream].map((_, index) => `${name}-${index + 1}`);
  const above = ids.map((id, index) => upstreamOf(id, upstream[index] as Upstream, isForgiven));
  return joined([
    ...above,
    {
      tasks: [task(name, ids, { triggerRule: rule })],
      failAttempts: {},
      tasksEnd: { [name]: ENDING[says] },
    },
  ]);
}

const rows = (isForgiven: boolean): readonly SemanticsCase[] =>
  Object.entries(TABLE).flatMap(([rule, row]) =>
    Object.entries(row)
      .filter(([upstream]) => !isForgiven || upstream.includes('s'))
      .map(([upstream, says]): SemanticsCase => {
        const hasFailed = /[fu]/.test(upstream);
        return {
          engine: isForgiven ? 'Orchestra' : 'Airflow',
          title: `${rule} after ${upstream}: ${says}${isForgiven ? ', s being a failure continued on' : ''}`,
          ...rowOf(rule as TriggerRule, upstream, says, isForgiven),
          ends: hasFailed ? 'FAILED' : 'SUCCESS',
        };
      }),
  );

export const TRIGGER_RULE_ROWS = rows(false);

/** A failure that is continued on is a success for every rule, and for the workflow. */
export const FORGIVEN_ROWS = rows(true);

/** Rows side by side in one workflow. */
export const together = (
  title: string,
  cases: readonly SemanticsCase[],
): SemanticsCase & { readonly failAttempts: Readonly<Record<string, number>> } => ({
  engine: 'Airflow',
  title,
  ...joined(
    cases.map(({ tasks, failAttempts = {}, tasksEnd }) => ({ tasks, failAttempts, tasksEnd })),
  ),
  ends: cases.some(({ ends }) => ends === 'FAILED') ? 'FAILED' : 'SUCCESS',
});
