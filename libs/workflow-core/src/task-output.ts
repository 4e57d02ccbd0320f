/** What a task gave: of a map the list of its items' outputs, in the order of the items. */
import { PayloadTooLargeError } from './errors.js';
import { LIMITS } from './limits.js';
import { parseItemId } from './map-items.js';
import type { WorkflowRepository } from './repository.js';
import type { Task } from './workflow.js';

type Outputs = Pick<WorkflowRepository, 'getItems' | 'getPayload'>;

/**
 * Null of a task, and of an item, that has not succeeded.
 * @throws PayloadTooLargeError when the list is larger than a payload may be; CorruptItemError
 */
export async function readOutput(repository: Outputs, task: Task): Promise<unknown> {
  const { workflowId, output, items, status } = task;
  if (output) return repository.getPayload(workflowId, output);
  if (!items || status !== 'SUCCEEDED') return null;
  const range = { taskId: task.taskId, first: 0, last: items.count - 1 };
  return listOf(repository, items.count, await repository.getItems(workflowId, range));
}

/** How many outputs that stand in parts are read at once. */
const AT_ONCE = 50;

async function listOf(
  repository: Outputs,
  count: number,
  items: readonly Task[],
): Promise<readonly unknown[]> {
  const list = new Array<unknown>(count).fill(null);
  let bytes = 0;
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const some = items.slice(start, start + AT_ONCE);
    const values = await Promise.all(
      some.map(({ workflowId, output }) =>
        output ? repository.getPayload(workflowId, output) : null,
      ),
    );
    some.forEach(({ taskId }, at) => {
      list[parseItemId(taskId)?.index ?? 0] = values[at];
    });
    bytes += values.reduce<number>((sum, value) => sum + sizeOf(value), 0);
    if (bytes > LIMITS.payloadBytes) throw new PayloadTooLargeError(bytes, LIMITS.payloadBytes);
  }
  return list;
}

const sizeOf = (value: unknown) => JSON.stringify(value).length;
