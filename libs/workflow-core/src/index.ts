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
  type TaskDefinition,
} from './definition.js';
export { createGraphCache } from './graph-cache.js';
export { diamond } from './diamond.js';
export {
  idSchema,
  startRequestSchema,
  startAnswerSchema,
  sweepRequestSchema,
  workMessageSchema,
  type StartRequest,
  type StartAnswer,
  type TaskPayload,
  type WorkMessage,
} from './messages.js';
export {
  FAILURE_REASONS,
  SKIP_REASONS,
  type DefinitionRef,
  type FailureReason,
  type PastAttempt,
  type Payload,
  type SkipReason,
  type Task,
  type TaskError,
  type TaskFact,
  type TaskReason,
  type Workflow,
} from './workflow.js';
export { plan, witnessesOf, type Knowledge, type Plan, type Question } from './planner.js';
export {
  attemptsWithLost,
  factsOf,
  inspect,
  workerLostError,
  type SweepFindings,
  type SweepSettings,
} from './sweep.js';
export type * from './repository.js';
