/** What begins a workflow, whoever does: its META, the hashes that make a start safe to repeat, a child's id. */
export { childIdFor, requestHashOf } from './hashes.js';
export { concurrencyKeyOf, type KeyAsk, type KeyFound } from './concurrency-key.js';
export { newWorkflow, type NewWorkflow } from './new-workflow.js';
export { childRedrive, isSameEpoch, wasSelectedSince } from './child-redrive.js';
