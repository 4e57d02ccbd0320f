export { createDynamoRepository, type DynamoRepositoryOptions } from './dynamo-repository.js';
export { toTask } from './items.js';
