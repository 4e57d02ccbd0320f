/** Starting, listing and showing workflows. */
import {
  listWorkflowsQuerySchema,
  startWorkflowRequestSchema,
  workflowStatusSchema,
  type ListWorkflowsQuery,
  type ListWorkflowsResponse,
  type StartWorkflowRequest,
  type StartWorkflowResponse,
} from '@orchestra/api-contract';
import type { StartAnswer, StartRequest } from '@orchestra/workflow-core';
import { ANSWER_BYTES, withoutWhatDoesNotFit } from './answer-size.js';
import { waitsFor } from './concurrency.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { idempotencyKeyOf, nameOfKey } from './idempotency-key.js';
import { ProblemError } from './problems.js';
import { readBody, wrongFields } from './request-body.js';
import {
  idFrom,
  noWorkflow,
  publicPath,
  queryOf,
  type Route,
  type RouteDependencies,
} from './route.js';
import { tasksOf } from './task-pages.js';
import { summaryView, taskCounts, workflowView } from './view.js';

export const start =
  ({ orchestrator, newId }: RouteDependencies): Route =>
  async (request) => {
    const key = idempotencyKeyOf(request);
    const asked = await readBody(request.req.raw, startWorkflowRequestSchema);
    const workflowId = asked.workflowId ?? (key === undefined ? newId() : nameOfKey(key));
    const { kind, status } = started(await orchestrator.start(startRequest(workflowId, asked)));
    const body = { workflowId, status: workflowStatusSchema.parse(status) };
    return request.json(body satisfies StartWorkflowResponse, kind === 'created' ? 202 : 200, {
      Location: `${publicPath(request)}/${workflowId}`,
    });
  };

function startRequest(
  workflowId: string,
  { input, definition, tags }: StartWorkflowRequest,
): StartRequest {
  return {
    mode: 'start',
    workflowId,
    input: input as StartRequest['input'],
    ...(definition !== undefined && {
      definition: typeof definition === 'string' ? { name: definition } : definition,
    }),
    ...(tags && { tags }),
  };
}

/** @throws ProblemError when it was not */
function started(answer: StartAnswer): Extract<StartAnswer, { status: string }> {
  switch (answer.kind) {
    case 'conflict':
      throw new ProblemError(
        'WORKFLOW_CONFLICT',
        `the workflow "${answer.workflowId}" was started with another input, definition or tags`,
      );
    case 'unknownDefinition':
      throw new ProblemError('NOT_FOUND', answer.detail);
    case 'invalid':
      throw wrongFields(answer.issues);
    default:
      return answer;
  }
}

export const list =
  ({ repository }: RouteDependencies): Route =>
  async (request) => {
    const { cursor, ...query } = queryOf(request, listWorkflowsQuerySchema);
    const listed = listOf(query);
    const page = await repository.listWorkflows({
      ...query,
      cursor: cursor === undefined ? undefined : decodeCursor(cursor, listed),
    });
    return request.json({
      workflows: page.items.map(summaryView),
      ...(page.cursor !== undefined && { nextCursor: encodeCursor(page.cursor, listed) }),
    } satisfies ListWorkflowsResponse);
  };

/** A cursor goes on with the filters it came with. */
const listOf = ({ status, definition, tag, from, to }: Omit<ListWorkflowsQuery, 'cursor'>) =>
  `workflows ${JSON.stringify({ status, definition, tag, from, to })}`;

export const show =
  ({ repository, graphOf, places }: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const found = await repository.getWorkflowWithTasks(workflowId, { items: false });
    if (!found) throw noWorkflow(workflowId);
    const [graph, input, waiting] = await Promise.all([
      graphOf(found.workflow.definition),
      repository.getPayload(workflowId, found.workflow.input),
      waitsFor({ places }, found.workflow),
    ]);
    const shown = withoutWhatDoesNotFit({ input }, ANSWER_BYTES / 2);
    return request.json({
      ...workflowView(found.workflow, shown),
      ...waiting,
      taskCounts: taskCounts(graph, found),
      ...tasksOf(graph, found, ANSWER_BYTES / 2),
    });
  };
