export { createDynamoPlaces } from './dynamo-places.js';
export { createDynamoRepository, type DynamoRepositoryOptions } from './dynamo-repository.js';
export { createDynamoSchedules } from './schedules.js';
export { META_SK, metaKey, taskItemKey, isMetaSk, workflowIdOf } from './keys.js';
export {
  attributesOf,
  newTaskItem,
  newWorkflowItem,
  toTask,
  toWorkflow,
  updateAttributes,
  type Item,
} from './items.js';
