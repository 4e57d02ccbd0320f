/** For the other tools: what a local stack writes about itself, and the views of a workflow. */
export { LOCAL_STACK_FILE, localStackSchema, type LocalStack } from './local-stack.js';
export { createApiClient, type ApiClient } from './api-client.js';
export { runCommandLine } from './command-line.js';
export { realSystem, type System } from './system.js';
export { liveView, watchWorkflow } from './watch.js';
export { duration, table, workflowTable } from './tables.js';
export type { Terminal } from './system.js';
