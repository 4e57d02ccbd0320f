export { jsonPath } from './json-path.js';
export { canonicalJson } from './canonical-json.js';
export { LIMITS, ID_PATTERN, idProblem } from './limits.js';
export {
  OrchestraError,
  IllegalTransitionError,
  InvalidDefinitionError,
  StoreRejectedError,
  StoreUnavailableError,
  PayloadTooLargeError,
  CorruptItemError,
  type Issue,
} from './errors.js';
export {
  TASK_STATUSES,
  TASK_TRANSITIONS,
  WORKFLOW_STATUSES,
  WORKFLOW_TRANSITIONS,
  isTerminalTask,
  isTerminalWorkflow,
  nextTaskStatus,
  nextWorkflowStatus,
  type TaskEvent,
  type TaskStatus,
  type TerminalTaskStatus,
  type TerminalWorkflowStatus,
  type WorkflowEvent,
  type WorkflowStatus,
} from './state-machines.js';
export {
  definitionSchema,
  parseDefinition,
  buildGraph,
  issuesOf,
  type Definition,
  type Graph,
  type Retry,
  type TaskDefinition,
} from './definition.js';
export { TRIGGER_RULES, type TriggerRule } from './trigger-rules.js';
export { PERMANENT_ERRORS, isRetried, retryDelayMs } from './retry.js';
export { createMetrics, type Metrics } from './metrics.js';
export { createGraphCache } from './graph-cache.js';
export { diamond } from './diamond.js';
export { createSampleRegistry } from './sample.js';
export {
  idSchema,
  startRequestSchema,
  startAnswerSchema,
  sweepRequestSchema,
  cancelRequestSchema,
  cancelAnswerSchema,
  redriveRequestSchema,
  redriveAnswerSchema,
  checkRequestSchema,
  selectionSchema,
  tagSchema,
  tagsSchema,
  workMessageSchema,
  type CancelAnswer,
  type CancelRequest,
  type RedriveAnswer,
  type RedriveRequest,
  type StartRequest,
  type StartAnswer,
  type TaskPayload,
  type WorkMessage,
} from './messages.js';
export {
  ACTORS,
  FAILURE_REASONS,
  SKIP_REASONS,
  type Actor,
  type DefinitionRef,
  type FailureReason,
  type PastAttempt,
  type Payload,
  type Redrive,
  type Selection,
  type SkipReason,
  type Task,
  type TaskError,
  type TaskFact,
  type TaskReason,
  type Workflow,
  type WorkflowEnd,
} from './workflow.js';
export {
  byEpoch,
  deadlineOf,
  epochBeganAt,
  presentTasks,
  selectedTasks,
  statusOf,
  wasStopped,
} from './epochs.js';
export { asPast, putAway, readPastAttempts } from './past-attempts.js';
export { attemptAfter, changeOf, type Change } from './transitions.js';
export { EXPLANATION_CODES, explain, type Explanation, type ExplanationCode } from './explain.js';
export { EVENT_TYPES, historyOf, type EventType, type HistoryEvent } from './history.js';
export {
  READ,
  countsAs,
  plan,
  startsNothing,
  witnessesOf,
  type Knowledge,
  type Plan,
  type Question,
} from './planner.js';
export {
  factsOf,
  inspect,
  workerLostError,
  type SweepFindings,
  type SweepSettings,
} from './sweep.js';
export { TASKS_PER_READ_UNIT } from './repository.js';
export type * from './repository.js';
