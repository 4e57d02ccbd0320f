export {
  defineTask,
  type InvocationContext,
  type TaskContext,
  type TaskContract,
  type TaskHandler,
  type TaskOptions,
} from './define-task.js';
export {
  defineWorkflow,
  type Ending,
  type Task,
  type WorkflowOptions,
  type WorkflowParts,
} from './define-workflow.js';
export type {
  Definition,
  HookDefinition,
  Json,
  Retry,
  TaskDefinition,
  ToleratedFailures,
  TriggerRule,
} from './definition.js';
export { subWorkflow, type SubWorkflowContract } from './sub-workflow.js';
export { equals, exists, expression, not, orElse } from './expression.js';
export type { Ref, Reference, Wired } from './reference.js';
export { InvalidTaskPayloadError, isRecord, type TaskPayload } from './payload.js';
export { InvalidInput, InvalidOutput, type DataIssue } from './task-errors.js';
export { type LedgerLine } from './ledger.js';
