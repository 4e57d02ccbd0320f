/**
 * What became of a workflow, as the table has it and as its tasks noted outside the table, and where the two disagree.
 * Pure; the numbers are those of the invariants it holds them to:
 *
 * (I01) a task executed only after all that is upstream of it had executed the attempt that counts
 * (I03) no attempt of a task executed twice
 * (I05, I15) each transition of a task left exactly one event: as many as its version says
 * (I07) every output is of a noted execution of that very attempt, and says so itself
 * (I08) the workflow is SUCCESS and every task of it SUCCEEDED
 * (I12) no more attempts than the retries and the lost workers that the task's policy allows; each is kept
 * (I16) no item of a task that the definition does not have
 */
import {
  historyOf,
  LIMITS,
  type Graph,
  type PastAttempt,
  type Task,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import * as z from 'zod';

/** One execution, noted by the task itself before any of its work. */
export const executionSchema = z.object({
  workflowId: z.string(),
  taskId: z.string(),
  attempt: z.int(),
  requestId: z.string(),
});
export type Execution = z.infer<typeof executionSchema>;

/** What the sample tasks answer. */
const outputSchema = z.object({ requestId: z.string(), task: z.string() });

export interface Account extends WorkflowWithTasks {
  readonly graph: Graph;
  /** By task id. */
  readonly outputs: ReadonlyMap<string, unknown>;
  readonly pastAttempts: ReadonlyMap<string, readonly PastAttempt[]>;
  /** Of this workflow, in the order they happened. */
  readonly executions: readonly Execution[];
}

/** @returns what does not hold, one line each */
export function breachesOf(account: Account): readonly string[] {
  const { workflow, graph, tasks, executions } = account;
  const status = workflow.status === 'SUCCESS' ? [] : [`(I08) it is ${workflow.status}`];
  const known = tasks.filter(({ taskId }) => graph.tasks.has(taskId));
  const strangers = tasks
    .filter(({ taskId }) => !graph.tasks.has(taskId))
    .map(({ taskId }) => `(I16) there is an item of ${taskId}, which is no task of it`);
  const missing = [...graph.tasks.keys()]
    .filter((id) => !tasks.some(({ taskId }) => taskId === id))
    .map((id) => `(I08) ${id} has no item`);
  return [
    ...[...status, ...strangers, ...missing],
    ...twiceExecuted(executions),
    ...known.flatMap((task) => breachesOfTask(account, task)),
    ...breachesOfHistory(account),
  ];
}

export function twiceExecuted(executions: readonly Execution[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { taskId, attempt } of executions) {
    const name = `${taskId} attempt ${attempt}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([name, count]) => `(I03) ${name} executed ${count} times`);
}

function breachesOfTask(account: Account, task: Task): readonly string[] {
  const { taskId, status } = task;
  if (status !== 'SUCCEEDED') return [`(I08) ${taskId} is ${status}`];
  return [
    ...breachesOfOrder(account, taskId),
    ...breachesOfOutput(account, task),
    ...breachesOfAttempts(account, task),
  ];
}

function breachesOfOrder({ graph, tasks, executions }: Account, taskId: string): readonly string[] {
  const first = executions.findIndex((each) => each.taskId === taskId);
  return (graph.upstream.get(taskId) ?? []).flatMap((upstream) => {
    const counts = tasks.find((task) => task.taskId === upstream)?.attempt;
    const at = executions.findIndex((each) => each.taskId === upstream && each.attempt === counts);
    return at >= 0 && at < first
      ? []
      : [`(I01) ${taskId} executed before attempt ${counts} of ${upstream}`];
  });
}

function breachesOfOutput(
  { executions, outputs }: Account,
  { taskId, attempt, requestId }: Task,
): readonly string[] {
  const execution = executions.find((each) => each.taskId === taskId && each.attempt === attempt);
  if (!execution) return [`(I07) attempt ${attempt} of ${taskId} SUCCEEDED and never executed`];
  const said = outputSchema.safeParse(outputs.get(taskId)).data;
  const isOwn =
    said?.task === taskId &&
    said.requestId === execution.requestId &&
    requestId === execution.requestId;
  return isOwn
    ? []
    : [
        `(I07) attempt ${attempt} of ${taskId} executed as ${execution.requestId}, its output says ` +
          `${said?.requestId} and its item ${requestId}`,
      ];
}

function breachesOfAttempts(
  { graph, executions, pastAttempts }: Account,
  { taskId, attempt }: Task,
): readonly string[] {
  const retries = graph.tasks.get(taskId)?.retry?.maxAttempts ?? 0;
  const most = 1 + retries + LIMITS.lostWorkerReruns;
  const kept = (pastAttempts.get(taskId) ?? []).map((past) => past.attempt);
  const expected = Array.from({ length: attempt - 1 }, (_, n) => n + 1);
  const later = executions.filter((each) => each.taskId === taskId && each.attempt > attempt);
  return [
    ...(attempt > most ? [`(I12) ${taskId} took ${attempt} attempts, of at most ${most}`] : []),
    ...(String(kept) === String(expected)
      ? []
      : [`(I12) of ${taskId} the attempts ${kept.join()} are kept, not ${expected.join()}`]),
    ...later.map((each) => `(I12) attempt ${each.attempt} of ${taskId} executed after its end`),
  ];
}

function breachesOfHistory({ graph, workflow, tasks, pastAttempts }: Account): readonly string[] {
  const events = historyOf(graph, { workflow, tasks }, pastAttempts);
  const told = (taskId: string) => events.filter((event) => event.taskId === taskId).length;
  return tasks
    .filter(({ taskId, version }) => told(taskId) !== version)
    .map(
      ({ taskId, version }) =>
        `(I15) ${taskId} has ${told(taskId)} events for ${version} transitions`,
    );
}
