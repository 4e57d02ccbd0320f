export { idSchema, taskIdSchema } from './ids.js';
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
  HOOKS,
  definitionSchema,
  buildGraph,
  issuesOf,
  taskOf,
  type Definition,
  type Graph,
  type Hook,
  type Retry,
  type TaskDefinition,
} from './definition.js';
export { parseDefinition } from './parse-definition.js';
export { TASK_KINDS, kindOf, type TaskKind } from './task-kinds.js';
export { definedId, isItemId, itemId, parseItemId, type ItemId } from './map-items.js';
export { isOpenCallback, tokenOf, type OpenCallback } from './callbacks.js';
export { isMoment } from './moment.js';
export { CALLBACK_SECRET_BYTES, callbackToken, parseCallbackToken } from './callback-token.js';
export { childIssues, type DefinitionLookup } from './child-issues.js';
export { hasten } from './hasten.js';
export { TRIGGER_RULES, type TriggerRule } from './trigger-rules.js';
export { PERMANENT_ERRORS, isRetried, retryDelayMs } from './retry.js';
export { createMetrics, type Metrics } from './metrics.js';
export { createGraphCache } from './graph-cache.js';
export { diamond } from './diamond.js';
export { createSampleRegistry } from './sample.js';
export {
  answerAnswerSchema,
  answerRequestSchema,
  heartbeatAnswerSchema,
  heartbeatRequestSchema,
  orderSchema,
  startRequestSchema,
  startAnswerSchema,
  sweepRequestSchema,
  cancelRequestSchema,
  cancelAnswerSchema,
  redriveRequestSchema,
  redriveAnswerSchema,
  controlRequestSchema,
  controlAnswerSchema,
  overrideSchema,
  overrideRequestSchema,
  overrideAnswerSchema,
  checkRequestSchema,
  selectionSchema,
  tagSchema,
  tagsSchema,
  workMessageSchema,
  type AnswerAnswer,
  type AnswerRequest,
  type CancelAnswer,
  type CancelRequest,
  type AskedOverride,
  type ControlAnswer,
  type ControlRequest,
  type OverrideAnswer,
  type OverrideRequest,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  type RedriveAnswer,
  type RedriveRequest,
  type StartRequest,
  type StartAnswer,
  type TaskPayload,
  type WorkMessage,
} from './messages.js';
export {
  ACTORS,
  DUTIES,
  FAILURE_REASONS,
  SKIP_REASONS,
  type Actor,
  type Callback,
  type Control,
  type DefinitionRef,
  type Duty,
  type FailureReason,
  type MapItem,
  type MapItems,
  type Order,
  type Override,
  type Parent,
  type StoredList,
  type PastAttempt,
  type Payload,
  type Redrive,
  type Selection,
  type SkipReason,
  type Task,
  type TaskError,
  type TaskFact,
  type TaskReason,
  type WaitsFor,
  type Workflow,
  type WorkflowEnd,
} from './workflow.js';
export {
  MISSED,
  OVERLAPS,
  SCHEDULE_OUTCOMES,
  scheduleLastSchema,
  scheduleNameSchema,
  scheduleSpecSchema,
  scheduleTag,
  scheduleSpecOf,
  type Schedule,
  type ScheduleLast,
  type ScheduleOutcome,
  type ScheduleSpec,
  type ScheduleSummary,
} from './schedules/schedule.js';
export type { ScheduleRepository } from './schedules/repository.js';
export { childIdOf, hasDuties, isChildId, isSettled } from './duties.js';
export {
  byEpoch,
  deadlineOf,
  epochBeganAt,
  presentTasks,
  selectedTasks,
  statusOf,
  wasStopped,
} from './epochs.js';
export { isPaused, overridesOf, resumedAt, type OrderedOverride } from './control.js';
export { asPast, putAway, readPastAttempts } from './past-attempts.js';
export { readOutput } from './task-output.js';
export { attemptAfter, changeOf, type Change } from './transitions.js';
export { explain } from './explain.js';
export { EXPLANATION_CODES, type Explanation, type ExplanationCode } from './explanation.js';
export { EVENT_TYPES, historyOf, type EventType, type HistoryEvent } from './history.js';
export {
  READ,
  countsAs,
  hasFailedFast,
  plan,
  startsNothing,
  witnessesOf,
  type Knowledge,
  type Plan,
  type Question,
} from './planner.js';
export {
  isRunningMap,
  itemsFailedError,
  learnBegun,
  learnEnd,
  learnItems,
  newItemsView,
  openItems,
  planItems,
  sizeOf,
  viewOfMap,
  type ItemsPlan,
  type ItemsView,
} from './map-plan.js';
export {
  factsOf,
  inspect,
  workerLostError,
  type SweepFindings,
  type SweepSettings,
} from './sweep.js';
export { freeFunctionPlaces, whoNext, type NextSteps } from './places/who-next.js';
export { arrivalOf, lineOf, wasAdmitted } from './places/arrival.js';
export type * from './places/place-repository.js';
export { TASKS_PER_READ_UNIT } from './repository.js';
export type * from './repository.js';
