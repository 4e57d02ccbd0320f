/**
 * The repository in memory: the port's rules with nothing behind them. For tests and for running the engine in
 * one process; it passes the same suite as the DynamoDB one.
 */
import { PayloadTooLargeError } from '../errors.js';
import type { Definition } from '../definition.js';
import { LIMITS } from '../limits.js';
import { isItemId, itemId } from '../map-items.js';
import type {
  CallbackQuery,
  ItemRange,
  PayloadOwner,
  Transition,
  TransitionResult,
  WorkflowQuery,
  WorkflowRepository,
  WorkflowWithTasks,
} from '../repository.js';
import { changeOf, type Change, type ItemKey, type Update } from '../transitions.js';
import type { DefinitionRef, Payload, StoredList, Task, Workflow } from '../workflow.js';
import { Definitions } from './definitions.js';
import { listCallbacks, listDue, listWorkflows } from './listing.js';
import { InMemorySchedules } from './schedules.js';

/** What a table's stream would carry: the task item after a change. */
export interface ChangeRecord {
  readonly task: Task;
}

const byteLength = (text: string) => new TextEncoder().encode(text).length;

export class InMemoryRepository implements WorkflowRepository {
  readonly dueShards = 1;
  private readonly definitions = new Definitions();
  private readonly workflows = new Map<string, Workflow>();
  private readonly tasks = new Map<string, Map<string, Task>>();
  private readonly payloads = new Map<string, string>();

  /**
   * @param onChange is told of every change of a task item, in order.
   * @param schedules in the same table: `listDue` gives them too
   */
  constructor(
    private readonly onChange: (record: ChangeRecord) => void = () => {},
    private readonly schedules = new InMemorySchedules(),
  ) {}

  async putDefinition(definition: Definition, at: string) {
    return this.definitions.put(definition, at);
  }

  async getDefinition(ref: DefinitionRef) {
    return this.definitions.get(ref);
  }

  async latestRevision(name: string) {
    return this.definitions.latest(name);
  }

  async getRevision(ref: DefinitionRef) {
    return this.definitions.summary(ref);
  }

  async listDefinitions(query: { limit: number; cursor?: string }) {
    return this.definitions.list(query);
  }

  async listRevisions(query: { name: string; limit: number; cursor?: string }) {
    return this.definitions.revisions(query);
  }

  async createWorkflow(workflow: Workflow) {
    const present = this.workflows.get(workflow.workflowId);
    if (present) return { kind: 'exists' as const, workflow: present };
    this.workflows.set(workflow.workflowId, workflow);
    return { kind: 'created' as const };
  }

  async getWorkflow(workflowId: string) {
    return this.workflows.get(workflowId);
  }

  async getWorkflowWithTasks(
    workflowId: string,
    { items = true }: { readonly items?: boolean } = {},
  ): Promise<WorkflowWithTasks | undefined> {
    const workflow = this.workflows.get(workflowId);
    const tasks = [...(this.tasks.get(workflowId)?.values() ?? [])];
    return (
      workflow && {
        workflow,
        tasks: items ? tasks : tasks.filter(({ taskId }) => !isItemId(taskId)),
      }
    );
  }

  async getItems(workflowId: string, { taskId, first, last }: ItemRange) {
    const tasks = this.tasks.get(workflowId);
    const indices = Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
    return indices.flatMap((index) => tasks?.get(itemId(taskId, index)) ?? []);
  }

  async getWorkflowAndTasks(workflowId: string, taskIds: readonly string[]) {
    const workflow = this.workflows.get(workflowId);
    return workflow && { workflow, tasks: await this.getTasks(workflowId, taskIds) };
  }

  async getWorkflowAndTaskRange(
    workflowId: string,
    { first, last }: { first: string; last: string },
  ) {
    const read = await this.getWorkflowWithTasks(workflowId, { items: false });
    return (
      read && {
        ...read,
        tasks: read.tasks.filter(({ taskId }) => taskId >= first && taskId <= last),
      }
    );
  }

  async getTasks(workflowId: string, taskIds: readonly string[]) {
    const tasks = this.tasks.get(workflowId);
    return taskIds.flatMap((id) => tasks?.get(id) ?? []);
  }

  async apply(transitions: readonly Transition[]): Promise<readonly TransitionResult[]> {
    return transitions.map((transition) => this.execute(changeOf(transition)));
  }

  async putPayload(owner: PayloadOwner, value: unknown): Promise<Payload> {
    const json = JSON.stringify(value ?? null);
    const bytes = byteLength(json);
    if (bytes > LIMITS.payloadBytes) throw new PayloadTooLargeError(bytes, LIMITS.payloadBytes);
    if (bytes <= LIMITS.inlinePayloadBytes) return { kind: 'inline', json };
    this.payloads.set(`${owner.workflowId}/${owner.key}`, json);
    return { kind: 'parts', key: owner.key, parts: 1 };
  }

  async getPayload(workflowId: string, payload: Payload): Promise<unknown> {
    const json =
      payload.kind === 'inline'
        ? payload.json
        : (this.payloads.get(`${workflowId}/${payload.key}`) as string);
    return JSON.parse(json);
  }

  async putList({ workflowId, key }: PayloadOwner, values: readonly unknown[]) {
    const bytes = byteLength(JSON.stringify(values));
    if (bytes > LIMITS.payloadBytes) throw new PayloadTooLargeError(bytes, LIMITS.payloadBytes);
    this.payloads.set(`${workflowId}/${key}`, JSON.stringify(values));
    return { key, count: values.length, perPart: Math.max(1, values.length) };
  }

  async getListRange(
    workflowId: string,
    { key }: StoredList,
    { first, last }: { readonly first: number; readonly last: number },
  ) {
    const json = this.payloads.get(`${workflowId}/${key}`) as string;
    return (JSON.parse(json) as unknown[]).slice(first, last + 1);
  }

  async listWorkflows(query: WorkflowQuery) {
    return listWorkflows(this.workflows.values(), query);
  }

  async listCallbacks(query: CallbackQuery) {
    return listCallbacks(
      [...this.tasks.values()].flatMap((tasks) => [...tasks.values()]),
      query,
    );
  }

  async listDue(query: { at: string; limit: number; cursor?: string }) {
    return listDue(this.workflows.values(), this.schedules.due(), query);
  }

  private execute(change: Change): TransitionResult {
    const current = this.find(change.key);
    if (change.kind === 'insert') {
      if (current) return { kind: 'lost', current };
      this.store(change.task);
      return { kind: 'applied' };
    }
    // The key decides which kind of item it is, so `current` has the change's own type.
    const update = change as Update;
    if (!current || !meets(current, update.when))
      return current && update.isApplied(current) ? { kind: 'applied' } : { kind: 'lost', current };
    const next: Record<string, unknown> = { ...current, ...update.set };
    for (const name of update.clear ?? []) delete next[name];
    if (update.leavesDue) delete next['nextCheckAt'];
    this.store({ ...next, version: current.version + 1 } as Task | Workflow);
    return { kind: 'applied' };
  }

  private find(key: ItemKey): Task | Workflow | undefined {
    return key.kind === 'task'
      ? this.tasks.get(key.workflowId)?.get(key.taskId)
      : this.workflows.get(key.workflowId);
  }

  private store(item: Task | Workflow): void {
    if (!('taskId' in item)) {
      this.workflows.set(item.workflowId, item);
      return;
    }
    const tasks = this.tasks.get(item.workflowId) ?? new Map<string, Task>();
    this.tasks.set(item.workflowId, tasks.set(item.taskId, item));
    this.onChange({ task: item });
  }
}

function meets(item: Task | Workflow, when: Update['when']): boolean {
  return Object.entries(when).every(([name, value]) => item[name as keyof typeof item] === value);
}
