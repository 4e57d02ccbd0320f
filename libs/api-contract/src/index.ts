/**
 * The REST API as data: its endpoints, the shapes of what they take and answer, and a client. Shared by the API, the
 * dashboard and the CLI; browser-safe. Its OpenAPI document has an entry of its own, `./openapi`.
 * Times are ISO 8601 UTC with milliseconds; durations are milliseconds.
 */
export {
  taskErrorSchema,
  taskStatusSchema,
  workflowStatusSchema,
  type TaskError,
  type TaskStatus,
  type WorkflowStatus,
} from './fields.js';
export { PROBLEMS, problemSchema, problemType, type Problem, type ProblemCode } from './problem.js';
export {
  listWorkflowsQuerySchema,
  listWorkflowsResponseSchema,
  startWorkflowRequestSchema,
  startWorkflowResponseSchema,
  workflowSchema,
  workflowSummarySchema,
  type ListWorkflowsQuery,
  type ListWorkflowsResponse,
  type StartWorkflowRequest,
  type StartWorkflowResponse,
  type Workflow,
  type WorkflowSummary,
} from './workflows.js';
export {
  explanationSchema,
  listTasksQuerySchema,
  listTasksResponseSchema,
  taskDetailSchema,
  taskSchema,
  type Explanation,
  type ListTasksQuery,
  type ListTasksResponse,
  type Task,
  type TaskDetail,
} from './tasks.js';
export {
  definitionDetailSchema,
  definitionSummarySchema,
  listDefinitionsQuerySchema,
  listDefinitionsResponseSchema,
  listRevisionsResponseSchema,
  putDefinitionRequestSchema,
  putDefinitionResponseSchema,
  validateDefinitionResponseSchema,
  type DefinitionDetail,
  type DefinitionSummary,
  type ListDefinitionsQuery,
  type ListDefinitionsResponse,
  type ListRevisionsResponse,
  type PutDefinitionRequest,
  type PutDefinitionResponse,
  type ValidateDefinitionResponse,
} from './definitions.js';
export {
  historyEventSchema,
  listEventsQuerySchema,
  listEventsResponseSchema,
  type HistoryEvent,
  type ListEventsQuery,
  type ListEventsResponse,
} from './events.js';
export {
  cancelWorkflowRequestSchema,
  cancelWorkflowResponseSchema,
  dryRunQuerySchema,
  redriveResponseSchema,
  redriveWorkflowRequestSchema,
  rerunTaskRequestSchema,
  type CancelWorkflowRequest,
  type CancelWorkflowResponse,
  type RedriveResponse,
  type RedriveWorkflowRequest,
  type RerunTaskRequest,
} from './orders.js';
export {
  PATH_PARAMETERS,
  endpoints,
  idempotencyKeySchema,
  type Endpoint,
  type OperationId,
} from './endpoints.js';
export {
  createClient,
  pagesOf,
  type AnswerOf,
  type Arguments,
  type CallOptions,
  type Client,
  type ClientOptions,
} from './client.js';
export {
  ApiProblemError,
  ApiUnreachableError,
  UnreadableAnswerError,
  isPassing,
  type ApiError,
} from './client-errors.js';
export { wholeWorkflow } from './whole-workflow.js';
