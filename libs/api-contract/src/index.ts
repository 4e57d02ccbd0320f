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
  answerCallbackRequestSchema,
  answerCallbackResponseSchema,
  callbackSchema,
  callbackTokenSchema,
  heartbeatResponseSchema,
  listCallbacksQuerySchema,
  listCallbacksResponseSchema,
  type AnswerCallbackRequest,
  type AnswerCallbackResponse,
  type Callback,
  type HeartbeatResponse,
  type ListCallbacksResponse,
} from './callbacks.js';
export {
  concurrencyQuerySchema,
  concurrencyResponseSchema,
  type ConcurrencyResponse,
} from './concurrency.js';
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
  controlWorkflowRequestSchema,
  controlWorkflowResponseSchema,
  dryRunQuerySchema,
  redriveResponseSchema,
  redriveWorkflowRequestSchema,
  rerunTaskRequestSchema,
  setOutputRequestSchema,
  skipTaskRequestSchema,
  taskOrderResponseSchema,
  type CancelWorkflowRequest,
  type CancelWorkflowResponse,
  type ControlWorkflowRequest,
  type ControlWorkflowResponse,
  type RedriveResponse,
  type RedriveWorkflowRequest,
  type RerunTaskRequest,
  type SetOutputRequest,
  type SkipTaskRequest,
  type TaskOrderResponse,
  type TaskOverride,
} from './orders.js';
export {
  deleteScheduleResponseSchema,
  listSchedulesQuerySchema,
  listSchedulesResponseSchema,
  putScheduleRequestSchema,
  scheduleSchema,
  scheduleSummarySchema,
  type DeleteScheduleResponse,
  type ListSchedulesQuery,
  type ListSchedulesResponse,
  type PutScheduleRequest,
  type Schedule,
  type ScheduleSummary,
} from './schedules.js';
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
