/** The history of a workflow, told from its items. */
import { listEventsQuerySchema, type ListEventsResponse } from '@orchestra/api-contract';
import {
  historyOf,
  readPastAttempts,
  type PastAttempt,
  type Task,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import { ANSWER_BYTES, firstThatFit } from './answer-size.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { idFrom, noWorkflow, queryOf, type Route, type RouteDependencies } from './route.js';

export const listEvents =
  ({ repository, graphOf }: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const { limit, cursor } = queryOf(request, listEventsQuerySchema);
    const list = `events of ${workflowId}`;
    const first = cursor === undefined ? 0 : Number(decodeCursor(cursor, list));
    const found = await repository.getWorkflowWithTasks(workflowId);
    if (!found) throw noWorkflow(workflowId);
    const graph = await graphOf(found.workflow.definition);
    const events = historyOf(graph, found, await pastAttemptsOf(repository, found.tasks));
    // Errors can be long.
    const page = firstThatFit(events.slice(first, first + limit), ANSWER_BYTES);
    const next = first + page.length;
    return request.json({
      events: [...page] as ListEventsResponse['events'],
      ...(next < events.length && { nextCursor: encodeCursor(String(next), list) }),
    } satisfies ListEventsResponse);
  };

/** Lists too long for their item lie beside it: so many are read at a time. */
const READS_AT_ONCE = 20;

async function pastAttemptsOf(
  repository: WorkflowRepository,
  tasks: readonly Task[],
): Promise<Map<string, readonly PastAttempt[]>> {
  const open = tasks.filter(({ pastAttempts }) => pastAttempts !== undefined);
  const found = new Map<string, readonly PastAttempt[]>();
  for (let start = 0; start < open.length; start += READS_AT_ONCE)
    await Promise.all(
      open
        .slice(start, start + READS_AT_ONCE)
        .map(async (task) => found.set(task.taskId, await readPastAttempts(repository, task))),
    );
  return found;
}
