/** The invariants by name, and what a broken one looks like. */

export const INVARIANTS = {
  I01: 'ORDER: a task starts, or is skipped, only as its trigger rule says',
  I02: 'SINGLE-CLAIM: at most one claim per task and attempt',
  I03: 'SINGLE-EXEC: a function is called at most once per task and attempt',
  I04: 'FENCED: only the newest attempt writes an outcome',
  I05: 'TERMINAL-IMMUTABLE: an ended task or workflow changes by a recorded redrive only',
  I06: 'RESULT-STABLE: the result of an ended task never changes',
  I07: 'RESULT-PROVENANCE: every result comes from a recorded execution, every input from a result',
  I08: 'STATUS-TRUTH: META says what its tasks say, and never goes back',
  I09: 'CONVERGE: once faults stop, every workflow ends',
  I10: 'NO-LOST-DISPATCH: no task stays READY',
  I11: 'NO-LOST-COMPLETION: what follows from an ended task is decided',
  I12: 'ATTEMPT-BOUND: no more attempts than the policy allows',
  I13: 'START-IDEMPOTENT: same id and body is the same workflow, another body a conflict',
  I15: 'HISTORY-MONOTONE: each transition once, without a gap, and replaying them gives the state',
  I16: 'NO-PHANTOM: no item outside the key schema',
  I17: 'ISOLATION: what concerns one workflow alone does not stop the batch',
  I18: 'CANCEL-STOPS: after a cancel is answered nothing starts and nothing is recorded',
  I20: 'SIZE-BOUND: what is too large fails its task with a clear error',
  I21: 'SWEEPER-QUIET: without faults nothing needs a repair',
  I24: 'COST-BOUND: a healthy workflow of N tasks costs 3N + 2 writes',
  CONDITION:
    'a task whose condition is false is skipped and never called, any other is not skipped for it',
  'FAIL-FAST': 'for a failure that counts, and for none else, nothing is started any more',
  'EXTRA-ATTRIBUTE': 'what a newer build wrote survives the writes of this one',
  KEEP: 'a redrive keeps the succeeded tasks it does not select',
  MAP: 'no more items of a map run at once than it says; it ends once all have, as it tolerates; its output is theirs in order',
  WAIT: 'a wait ends at its time, never before',
  CALLBACK:
    'of all answers at most one counts, and the task ends as that one says, or at its deadline',
  CHILD:
    'a task has one child that runs, ends as it does, and none runs on once its parent is stopped',
  PLACE: 'no more workflows of a definition and key run than it says, in the order they came',
  HOOK: 'hooks run once all tasks have ended, those that fit how they did',
  CONTROL: 'nothing is claimed while it is paused; what an operator has ended is never executed',
  SCHEDULE: 'a due time starts one workflow at most',
  UNEXPECTED: 'nothing throws what it does not say it throws',
} as const;
export type InvariantName = keyof typeof INVARIANTS;

export class Violation extends Error {
  override readonly name = 'Violation';
  constructor(
    readonly invariant: InvariantName,
    readonly what: string,
  ) {
    super(`${invariant} ${INVARIANTS[invariant]}: ${what}`);
  }
}

export function expect(holds: boolean, invariant: InvariantName, what: string): asserts holds {
  if (!holds) throw new Violation(invariant, what);
}
