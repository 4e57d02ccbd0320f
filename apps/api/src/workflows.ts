/** Starting, listing and showing workflows. */
import {
  listWorkflowsQuerySchema,
  workflowStatusSchema,
  type ListWorkflowsResponse,
  type StartWorkflowResponse,
} from '@orchestra/api-contract';
import { decodeCursor, encodeCursor } from './cursor.js';
import { ProblemError } from './problems.js';
import { readStartRequest } from './request-body.js';
import {
  idFrom,
  noWorkflow,
  queryOf,
  type Request,
  type Route,
  type RouteDependencies,
} from './route.js';
import { summaryView, workflowView } from './view.js';

export const start =
  ({ orchestrator, newId }: RouteDependencies): Route =>
  async (request) => {
    const asked = await readStartRequest(request.req.raw);
    const workflowId = asked.workflowId ?? newId();
    const answer = await orchestrator.start({ mode: 'start', workflowId, input: asked.input });
    if (answer.kind === 'conflict')
      throw new ProblemError(
        'WORKFLOW_CONFLICT',
        `the workflow "${workflowId}" was started with another input`,
      );
    const body = { workflowId, status: workflowStatusSchema.parse(answer.status) };
    return request.json(
      body satisfies StartWorkflowResponse,
      answer.kind === 'created' ? 202 : 200,
      { Location: `${publicPath(request)}/${workflowId}` },
    );
  };

export const list =
  ({ repository }: RouteDependencies): Route =>
  async (request) => {
    const { status, limit, cursor } = queryOf(request, listWorkflowsQuerySchema);
    const page = await repository.listWorkflows({
      status,
      limit,
      cursor: cursor === undefined ? undefined : decodeCursor(cursor, status ?? ''),
    });
    return request.json({
      workflows: page.items.map(summaryView),
      ...(page.cursor !== undefined && { nextCursor: encodeCursor(page.cursor, status ?? '') }),
    } satisfies ListWorkflowsResponse);
  };

export const show =
  ({ repository, graphOf }: RouteDependencies): Route =>
  async (request) => {
    const workflowId = idFrom(request, 'workflowId');
    const found = await repository.getWorkflowWithTasks(workflowId);
    if (!found) throw noWorkflow(workflowId);
    const [graph, input] = await Promise.all([
      graphOf(found.workflow.definition),
      repository.getPayload(workflowId, found.workflow.input),
    ]);
    return request.json(workflowView(graph, found, input));
  };

/** The path of this request as its sender sees it, which begins with API Gateway's stage. */
function publicPath(request: Request): string {
  return (request.env?.requestContext?.path ?? request.req.path).replace(/\/+$/, '');
}
