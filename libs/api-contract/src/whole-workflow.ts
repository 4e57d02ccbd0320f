import { LIMITS } from '@orchestra/workflow-core';
import { pagesOf, type CallOptions, type Client } from './client.js';
import type { Workflow } from './workflows.js';

/** A workflow with all its tasks: those of a large one come in pages, each a read of its own. */
export async function wholeWorkflow(
  client: Pick<Client, 'getWorkflow' | 'listTasks'>,
  workflowId: string,
  options?: CallOptions,
): Promise<Workflow> {
  const { nextCursor, ...workflow } = await client.getWorkflow({ workflowId }, options);
  if (nextCursor === undefined) return workflow;
  const tasks = [...workflow.tasks];
  const limit = LIMITS.taskPageSize.max;
  const ask = (cursor: string | undefined) =>
    client.listTasks({ workflowId, limit, cursor }, options);
  for await (const page of pagesOf(ask, nextCursor)) tasks.push(...page.tasks);
  return { ...workflow, tasks };
}
