export { createDynamoRepository, type DynamoRepositoryOptions } from './dynamo-repository.js';
export { workflowIdOf } from './keys.js';
export { toTask } from './items.js';
