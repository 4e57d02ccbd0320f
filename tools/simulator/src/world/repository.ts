/**
 * The product's port of the store, on the table, for one invocation. A request is not a moment: each transition takes
 * place at its own, a read of a partition sees META at one and its tasks at later ones, a lost condition is looked up
 * after it was lost.
 */
import {
  LIMITS,
  PayloadTooLargeError,
  StoreUnavailableError,
  isItemId,
  itemId,
  type Change,
  type Definition,
  type DefinitionRef,
  type RevisionSummary,
  type Task,
  type Transition,
  type TransitionResult,
  type Workflow,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import { taskItemKey } from '@orchestra/workflow-core/dynamodb';
import type { DueIndex } from './due-index.js';
import { START_MS } from './kernel.js';
import type { Invocation, Service } from './lambda.js';
import type { Random } from './random.js';
import type { Table } from './table.js';
import { sizeOf } from './tasks.js';

const unavailable = () => new StoreUnavailableError('the simulated store cannot be reached');

export const STORE: Service = { name: 'store', refusal: unavailable };

export interface Store {
  readonly table: Table;
  readonly index: DueIndex;
  readonly random: Random;
  /** By name, their revisions in order. */
  readonly definitions: Map<string, Definition[]>;
  /** How a transition becomes a change. */
  readonly changeOf: (transition: Transition) => Change;
  /** Told of every read of META. */
  readonly onLook: (by: Invocation, workflow: Workflow) => void;
}

const skOf = (taskId: string): string => taskItemKey('', taskId).sk.S;

export function createRepository(store: Store, by: Invocation): WorkflowRepository {
  const { table, random } = store;

  async function applyOne(transition: Transition): Promise<TransitionResult> {
    const change = store.changeOf(transition);
    const label = labelOf(change, transition);
    if (await by.call(STORE, label, () => table.execute(change, by))) return { kind: 'applied' };
    const { key } = change;
    const current = await by.call<Task | Workflow | undefined>(STORE, `look up ${label}`, () =>
      key.kind === 'task' ? table.task(key.workflowId, key.taskId) : table.workflow(key.workflowId),
    );
    if (current && change.kind === 'update' && change.isApplied(current as Task & Workflow))
      return { kind: 'applied' };
    return { kind: 'lost', current };
  }

  async function readTasks(workflowId: string, taskIds: readonly string[]): Promise<Task[]> {
    const cut = random.chance(0.3) ? random.below(taskIds.length + 1) : taskIds.length;
    const parts = [taskIds.slice(0, cut), taskIds.slice(cut)].filter(({ length }) => length > 0);
    const found: Task[] = [];
    for (const part of parts)
      found.push(
        ...(await by.call(STORE, `read ${workflowId} ${part.join(',')}`, () =>
          part.flatMap((id) => table.task(workflowId, id) ?? []),
        )),
      );
    return found;
  }

  /** In one or two pages, each with the tasks that have an item by then. */
  async function readAllTasks(
    workflowId: string,
    isWanted: (taskId: string) => boolean = () => true,
  ): Promise<Task[]> {
    const wanted = () => table.taskIds(workflowId).filter(isWanted);
    const ids = wanted();
    const second = random.chance(0.3) && ids.length > 0 ? skOf(random.pick(ids)) : undefined;
    const page = (number: 1 | 2) =>
      by.call(STORE, `read tasks of ${workflowId}, page ${number}`, () =>
        wanted()
          .filter((id) => second === undefined || skOf(id) < second === (number === 1))
          .flatMap((id) => table.task(workflowId, id) ?? []),
      );
    const first = await page(1);
    return second === undefined ? first : [...first, ...(await page(2))];
  }

  const readMeta = (workflowId: string) =>
    by.call(STORE, `read ${workflowId}`, () => {
      const workflow = table.workflow(workflowId);
      if (workflow) store.onLook(by, workflow);
      return workflow;
    });

  return {
    dueShards: 4,
    putDefinition: (definition) =>
      by.call(STORE, `define ${definition.name}`, () => {
        const revisions = store.definitions.get(definition.name) ?? [];
        store.definitions.set(definition.name, [...revisions, definition]);
        return { revision: revisions.length + 1, created: true };
      }),
    getDefinition: ({ name, revision }: DefinitionRef) =>
      by.call(
        STORE,
        `definition ${name} ${revision}`,
        () => store.definitions.get(name)?.[revision - 1],
      ),

    latestRevision: (name) =>
      by.call(STORE, `newest ${name}`, () =>
        revisionOf(store, { name, revision: store.definitions.get(name)?.length ?? 0 }),
      ),
    getRevision: (ref) =>
      by.call(STORE, `revision ${ref.name} ${ref.revision}`, () => revisionOf(store, ref)),

    async createWorkflow(workflow) {
      const { workflowId } = workflow;
      const isNew = await by.call(STORE, `insert ${workflowId}`, () =>
        table.insertWorkflow(workflow, by),
      );
      if (isNew) return { kind: 'created' };
      const present = await readMeta(workflowId);
      if (!present) throw unavailable();
      return { kind: 'exists', workflow: present };
    },

    getWorkflow: readMeta,
    getTasks: readTasks,

    async getWorkflowWithTasks(workflowId, { items = true } = {}) {
      const workflow = await readMeta(workflowId);
      if (!workflow) return undefined;
      const isWanted = (id: string) => items || !isItemId(id);
      return { workflow, tasks: await readAllTasks(workflowId, isWanted) };
    },

    async getWorkflowAndTasks(workflowId, taskIds) {
      const workflow = await readMeta(workflowId);
      return workflow && { workflow, tasks: await readTasks(workflowId, taskIds) };
    },

    async getWorkflowAndTaskRange(workflowId, { first, last }) {
      const workflow = await readMeta(workflowId);
      const tasks = await readAllTasks(workflowId, (id) => !isItemId(id));
      return (
        workflow && {
          workflow,
          tasks: tasks.filter(({ taskId }) => first <= taskId && taskId <= last),
        }
      );
    },

    getItems: (workflowId, { taskId, first, last }) =>
      by.call(STORE, `read ${workflowId} ${taskId}[${first}..${last}]`, () =>
        Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n).flatMap(
          (index) => table.task(workflowId, itemId(taskId, index)) ?? [],
        ),
      ),

    apply: (transitions) => Promise.all(transitions.map(applyOne)),

    putPayload(owner, value) {
      const bytes = sizeOf(value);
      if (bytes > LIMITS.payloadBytes)
        return Promise.reject(new PayloadTooLargeError(bytes, LIMITS.payloadBytes));
      const json = JSON.stringify(value ?? null);
      if (bytes <= LIMITS.inlinePayloadBytes) return Promise.resolve({ kind: 'inline', json });
      return by.call(STORE, `payload ${owner.workflowId} ${owner.key}`, () => {
        table.putPayload(owner.workflowId, owner.key, json);
        return { kind: 'parts', key: owner.key, parts: 1 };
      });
    },
    getPayload: (workflowId, payload) =>
      payload.kind === 'inline'
        ? Promise.resolve(JSON.parse(payload.json) as unknown)
        : by.call(STORE, `payload of ${workflowId} ${payload.key}`, () =>
            table.payload(workflowId, payload.key),
          ),

    putList({ workflowId, key }, values) {
      return by.call(STORE, `list ${workflowId} ${key}`, () => {
        table.putPayload(workflowId, key, JSON.stringify(values));
        return { key, count: values.length, perPart: 1 };
      });
    },
    getListRange: (workflowId, { key }, { first, last }) =>
      by.call(STORE, `list of ${workflowId} ${key}`, () =>
        (table.payload(workflowId, key) as unknown[]).slice(first, last + 1),
      ),

    // Nothing that decides asks for lists of what there is.
    listDefinitions: () => Promise.resolve({ items: [] }),
    listRevisions: () => Promise.resolve({ items: [] }),
    listWorkflows: () => Promise.resolve({ items: [] }),
    listCallbacks: () => Promise.resolve({ items: [] }),
    listDue: (query) => by.call(STORE, `due ${query.shard}`, () => store.index.list(query)),
  };
}

function revisionOf({ definitions }: Store, ref: DefinitionRef): RevisionSummary | undefined {
  const definition = definitions.get(ref.name)?.[ref.revision - 1];
  const createdAt = new Date(START_MS).toISOString();
  return definition && { ...ref, createdAt, taskCount: definition.tasks.length };
}

const labelOf = ({ key }: Change, transition: Transition): string =>
  `${transition.kind} ${key.workflowId}${key.kind === 'task' ? ` ${key.taskId}` : ''}`;
