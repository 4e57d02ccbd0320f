import { defineSampleTask } from '@orchestra/task-kit/sample';
import { makeNumbers } from './numbers.js';

/** A makes the data the other tasks compute on. */
export const handler = defineSampleTask({
  name: 'A',
  compute: ({ workflowId }) => ({ numbers: makeNumbers(workflowId) }),
});
