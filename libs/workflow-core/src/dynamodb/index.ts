export { createDynamoRepository, type DynamoRepositoryOptions } from './dynamo-repository.js';
export { META_SK, metaKey, taskItemKey, workflowIdOf } from './keys.js';
export {
  attributesOf,
  newTaskItem,
  newWorkflowItem,
  toTask,
  toWorkflow,
  updateAttributes,
  type Item,
} from './items.js';
