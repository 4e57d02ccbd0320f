/**
 * The table: items as the product's own codec writes them, each change on its own condition, nothing more. It knows no
 * workflow rule; whoever wants to judge a change observes it.
 */
import { CorruptItemError, type Change, type Task, type Workflow } from '@orchestra/workflow-core';
import {
  META_SK,
  attributesOf,
  metaKey,
  newTaskItem,
  newWorkflowItem,
  taskItemKey,
  toTask,
  toWorkflow,
  updateAttributes,
  type Item,
} from '@orchestra/workflow-core/dynamodb';

/** What a newer build writes besides. */
export const NEWER_ATTRIBUTE = 'newer';

export interface ItemChange {
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item;
  readonly by: Writer;
}

/** The invocation that writes. */
export interface Writer {
  readonly id: string;
  readonly isNewer: boolean;
}

interface Partition {
  meta?: Item;
  readonly tasks: Map<string, Item>;
}

export class Table {
  /** By workflow. */
  readonly partitions = new Map<string, Partition>();
  private readonly payloads = new Map<string, string>();
  /** Write units: of changes made, and of conditions that failed. */
  readonly written = new Map<string, number>();
  readonly refused = new Map<string, number>();

  /** @param observe is told of every change, at its moment */
  constructor(private readonly observe: (change: ItemChange) => void) {}

  insertWorkflow(workflow: Workflow, writer: Writer): boolean {
    const { workflowId } = workflow;
    if (this.partitions.get(workflowId)?.meta) return false;
    this.store(workflowId, undefined, newWorkflowItem(workflow), writer);
    return true;
  }

  /** False: the condition did not hold. */
  execute(change: Change, writer: Writer): boolean {
    const { workflowId } = change.key;
    const before = this.find(change);
    if (change.kind === 'insert') {
      if (before) return this.refuse(workflowId);
      this.store(
        workflowId,
        change.key.kind === 'task' ? change.key.taskId : undefined,
        newTaskItem(change.task),
        writer,
      );
      return true;
    }
    if (!before || !meets(before, attributesOf(change.when))) return this.refuse(workflowId);
    const after: Item = { ...before, ...updateAttributes(change) };
    after['version'] = { N: String(Number(before['version']?.N) + 1) };
    if (change.leavesDue) delete after['nextCheckAt'];
    if (change.leavesInbox) delete after['list'];
    this.store(
      workflowId,
      change.key.kind === 'task' ? change.key.taskId : undefined,
      after,
      writer,
    );
    return true;
  }

  workflowIds(): string[] {
    return [...this.partitions.keys()];
  }

  workflow(workflowId: string): Workflow | undefined {
    const item = this.partitions.get(workflowId)?.meta;
    return item && workflowOf(item);
  }

  task(workflowId: string, taskId: string): Task | undefined {
    const item = this.partitions.get(workflowId)?.tasks.get(taskId);
    return item && taskOf(item);
  }

  /** In the order of their keys: the items of maps behind all other tasks. */
  taskIds(workflowId: string): string[] {
    const sorted = new Map<string, string>();
    for (const id of this.partitions.get(workflowId)?.tasks.keys() ?? [])
      sorted.set(taskItemKey(workflowId, id).sk.S, id);
    return [...sorted.keys()].sort().map((sk) => sorted.get(sk) as string);
  }

  tasks(workflowId: string): Task[] {
    return [...(this.partitions.get(workflowId)?.tasks.values() ?? [])].map(taskOf);
  }

  putPayload(workflowId: string, key: string, json: string): void {
    this.payloads.set(`${workflowId}/${key}`, json);
  }

  /** @throws CorruptItemError */
  payload(workflowId: string, key: string): unknown {
    const json = this.payloads.get(`${workflowId}/${key}`);
    if (json === undefined) throw new CorruptItemError(`${workflowId} ${key} is missing`);
    return JSON.parse(json);
  }

  private find({ key }: Change): Item | undefined {
    const partition = this.partitions.get(key.workflowId);
    return key.kind === 'task' ? partition?.tasks.get(key.taskId) : partition?.meta;
  }

  private refuse(workflowId: string): false {
    this.refused.set(workflowId, (this.refused.get(workflowId) ?? 0) + 1);
    return false;
  }

  private store(workflowId: string, taskId: string | undefined, item: Item, writer: Writer): void {
    if (writer.isNewer) item[NEWER_ATTRIBUTE] = { S: 'kept' };
    const partition = this.partitions.get(workflowId) ?? { tasks: new Map<string, Item>() };
    this.partitions.set(workflowId, partition);
    const before = taskId === undefined ? partition.meta : partition.tasks.get(taskId);
    if (taskId === undefined) partition.meta = item;
    else partition.tasks.set(taskId, item);
    this.written.set(workflowId, (this.written.get(workflowId) ?? 0) + 1);
    this.observe({ key: `${item['pk']?.S} ${item['sk']?.S}`, before, after: item, by: writer });
  }
}

function meets(item: Item, when: Item): boolean {
  for (const name of Object.keys(when)) {
    const [is, should] = [item[name], when[name]];
    if (is?.S !== should?.S || is?.N !== should?.N) return false;
  }
  return true;
}

/** Items are never changed in place, so each is parsed once. */
const parsedTasks = new WeakMap<Item, Task>();
const parsedWorkflows = new WeakMap<Item, Workflow>();

export function taskOf(item: Item): Task {
  const known = parsedTasks.get(item);
  if (known) return known;
  const task = toTask(item);
  parsedTasks.set(item, task);
  return task;
}

export function workflowOf(item: Item): Workflow {
  const known = parsedWorkflows.get(item);
  if (known) return known;
  const workflow = toWorkflow(item);
  parsedWorkflows.set(item, workflow);
  return workflow;
}

export const isMeta = (item: Item): boolean => item['sk']?.S === META_SK;

/** The keys the schema allows for the items of a workflow. */
export const keysOf = (workflowId: string, taskIds: Iterable<string>): Set<string> =>
  new Set(
    [metaKey(workflowId), ...[...taskIds].map((id) => taskItemKey(workflowId, id))].map(
      ({ pk, sk }) => `${pk.S} ${sk.S}`,
    ),
  );
