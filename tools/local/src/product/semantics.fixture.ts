/** A row of the semantics table as a workflow of the real stack, and what became of it. */
import { definitionOf, type Ending, type SemanticsCase } from '@orchestra/workflow-core/contract';
import type { RunningStack } from '../stack.js';
import { invokeFunction, repositoryOf } from './graphs.fixture.js';
import { ended, ledgerOf, type SeenTask } from './sample-stack.fixture.js';

/** How a task ended, on which attempt, and how often its function was called. */
interface Fate {
  readonly ends: Ending | string;
  readonly attempt: number;
  readonly calls: number;
}

export interface Fates {
  readonly workflow: string;
  readonly tasks: Readonly<Record<string, Fate>>;
}

/** What the table says. */
export function shouldEnd({ ends, tasksEnd, attempts = {} }: SemanticsCase): Fates {
  const fateOf = (id: string, ending: Ending): Fate => {
    const hasRun = ending === 'SUCCEEDED' || ending === 'FAILED';
    const attempt = attempts[id] ?? 1;
    if (hasRun) return { ends: ending, attempt, calls: attempt };
    // A worker has to claim a task to find its condition false, and calls nothing then.
    return { ends: ending, attempt: ending === 'CONDITION_FALSE' ? 1 : 0, calls: 0 };
  };
  const tasks = Object.entries(tasksEnd).map(([id, ending]) => [id, fateOf(id, ending)] as const);
  return { workflow: ends, tasks: Object.fromEntries(tasks) };
}

export async function runCase(
  stack: RunningStack,
  each: SemanticsCase,
  name: string,
): Promise<Fates> {
  const definition = definitionOf(name, each, 'A');
  const at = new Date().toISOString();
  const { revision } = await repositoryOf(stack).putDefinition(definition, at);
  await invokeFunction(stack, 'Orchestrator', {
    mode: 'start',
    workflowId: name,
    definition: { name, revision },
    input: { ...each.input, delayMs: 0, failAttempts: each.failAttempts ?? {} },
  });
  const { status, tasks } = await ended(stack, name);
  return { workflow: status, tasks: fatesOf(tasks, callsOf(stack, name)) };
}

const fatesOf = (tasks: readonly SeenTask[], calls: ReadonlyMap<string, number>): Fates['tasks'] =>
  Object.fromEntries(
    tasks.map(({ taskId, status, reason, attempt }) => [
      taskId,
      { ends: reason ?? status, attempt, calls: calls.get(taskId) ?? 0 },
    ]),
  );

function callsOf(stack: RunningStack, workflowId: string): ReadonlyMap<string, number> {
  const calls = new Map<string, number>();
  for (const line of ledgerOf(stack))
    if (line.workflowId === workflowId) calls.set(line.taskId, (calls.get(line.taskId) ?? 0) + 1);
  return calls;
}
