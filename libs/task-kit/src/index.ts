export { defineTask, type TaskContext, type TaskHandler, type TaskOptions } from './define-task.js';
export { InvalidTaskPayloadError, isRecord, type TaskPayload } from './payload.js';
export { type LedgerLine } from './ledger.js';
