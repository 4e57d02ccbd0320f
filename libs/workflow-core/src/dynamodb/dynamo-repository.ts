/** The repository on DynamoDB: one table, one partition per workflow, every state change one conditional statement. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StoreUnavailableError } from '../errors.js';
import type {
  TransitionResult,
  WorkflowQuery,
  WorkflowRepository,
  WorkflowWithTasks,
} from '../repository.js';
import { WORKFLOW_STATUSES } from '../state-machines.js';
import { changeOf, type Change, type Update } from '../transitions.js';
import { createBatcher } from './batch.js';
import { getDefinition } from './definition-body.js';
import {
  definitionNames,
  getRevision,
  latestRevision,
  listDefinitions,
  listRevisions,
} from './definition-heads.js';
import { putDefinition } from './definitions.js';
import { hideSdkErrors } from './hide-sdk-errors.js';
import { newTagItems, newWorkflowItem, toTask, toWorkflow, type Item } from './items.js';
import {
  AFTER_PAYLOADS,
  AFTER_TASKS,
  INDEX_SHARDS,
  META_SK,
  filterPk,
  isTaskSk,
  itemSk,
  keyOf,
  listPk,
  metaKey,
  taskItemKey,
  taskSk,
  type Key,
} from './keys.js';
import { listCallbacks } from './inbox.js';
import { dueWorkflows, newestFirst } from './listing.js';
import { getListRange, putList } from './lists.js';
import { getPayload, putPayload } from './payloads.js';
import { readItems, readRange } from './reading.js';
import { insertStatement, statementOf } from './statements.js';
import { listTagged } from './tagged.js';

export interface DynamoRepositoryOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

export function createDynamoRepository(options: DynamoRepositoryOptions): WorkflowRepository {
  return hideSdkErrors(repositoryOn(options));
}

function repositoryOn(store: DynamoRepositoryOptions): WorkflowRepository {
  const { client, tableName } = store;
  const execute = createBatcher({ client, pause: (ms) => pause(ms), random: Math.random });

  async function getWorkflow(workflowId: string) {
    const [item] = await readItems(store, [metaKey(workflowId)]);
    return item && toWorkflow(item);
  }

  async function getTasks(workflowId: string, taskIds: readonly string[]) {
    const items = await readItems(
      store,
      taskIds.map((id) => taskItemKey(workflowId, id)),
    );
    return items.map(toTask);
  }

  const insert = (item: Item) =>
    execute(`${item['pk']?.S} ${item['sk']?.S}`, insertStatement(tableName, item));

  return {
    dueShards: INDEX_SHARDS,
    putDefinition: (definition, at) => putDefinition(store, definition, at),
    getDefinition: (ref) => getDefinition(store, ref),
    latestRevision: (name) => latestRevision(store, name),
    getRevision: (ref) => getRevision(store, ref),
    listDefinitions: (query) => listDefinitions(store, query),
    listRevisions: (query) => listRevisions(store, query),
    getWorkflow,
    getTasks,

    async createWorkflow(workflow) {
      const tags = newTagItems(workflow);
      if (tags.length > 0) {
        // The entries of a start that META then refuses would stay there for nothing.
        const present = await getWorkflow(workflow.workflowId);
        if (present) return { kind: 'exists', workflow: present };
        // Before META: a workflow that is there is found by its tags. One that is there already is this very one.
        await Promise.all(tags.map(insert));
      }
      if ((await insert(newWorkflowItem(workflow))) === 'applied') return { kind: 'created' };
      const present = await getWorkflow(workflow.workflowId);
      if (!present) throw new StoreUnavailableError(`${workflow.workflowId} came and went`);
      return { kind: 'exists', workflow: present };
    },

    getWorkflowWithTasks: async (workflowId, { items = true } = {}) =>
      withTasks(
        await readRange(store, workflowId, {
          first: AFTER_PAYLOADS,
          ...(items ? {} : { last: AFTER_TASKS }),
        }),
      ),

    async getItems(workflowId, { taskId, first, last }) {
      const range = { first: itemSk(taskId, first), last: itemSk(taskId, last) };
      return (await readRange(store, workflowId, range)).map(toTask);
    },

    async getWorkflowAndTasks(workflowId, taskIds) {
      const keys = [metaKey(workflowId), ...taskIds.map((id) => taskItemKey(workflowId, id))];
      return withTasks(await readItems(store, keys));
    },

    async getWorkflowAndTaskRange(workflowId, { first, last }) {
      // META first, as every read of a whole workflow has it.
      const meta = await readItems(store, [metaKey(workflowId)]);
      if (meta.length === 0 || first > last) return withTasks(meta);
      const range = { first: taskSk(first), last: taskSk(last) };
      return withTasks([...meta, ...(await readRange(store, workflowId, range))]);
    },

    async apply(transitions) {
      const changes = transitions.map(changeOf);
      const results = await Promise.all(
        changes.map((change) =>
          execute(keyText(keyOf(change.key)), statementOf(tableName, change)),
        ),
      );
      const lost = changes.filter((_, index) => results[index] === 'lost');
      const current = await readChanged(store, lost);
      return changes.map((change, index) =>
        results[index] === 'applied' ? { kind: 'applied' } : settleLost(change, current),
      );
    },

    putPayload: (owner, value) => putPayload(store, owner, value),
    getPayload: (workflowId, payload) => getPayload(store, workflowId, payload),
    putList: (owner, values) => putList(store, owner, values),
    getListRange: (workflowId, list, range) => getListRange(store, workflowId, list, range),

    listWorkflows: (query) => listWorkflows(store, query),
    listCallbacks: (query) => listCallbacks(store, query),
    listDue: (query) => dueWorkflows(store, query),
  };
}

async function listWorkflows(store: DynamoRepositoryOptions, query: WorkflowQuery) {
  const { tag, definition, status } = query;
  if (tag !== undefined) return listTagged(store, tag, query);
  if (definition === undefined && status === undefined) {
    const shards = Array.from({ length: INDEX_SHARDS }, (_, shard) => listPk(shard));
    return newestFirst(store, 'list', shards, query);
  }
  const names = definition === undefined ? await definitionNames(store) : [definition];
  const statuses = status === undefined ? WORKFLOW_STATUSES : [status];
  const partitions = names.flatMap((name) => statuses.map((each) => filterPk(name, each)));
  return newestFirst(store, 'filter', partitions, query);
}

function withTasks(items: readonly Item[]): WorkflowWithTasks | undefined {
  const meta = items.find((item) => item['sk']?.S === META_SK);
  return (
    meta && {
      workflow: toWorkflow(meta),
      tasks: items.filter((item) => isTaskSk(item['sk']?.S ?? '')).map(toTask),
    }
  );
}

const keyText = (key: Key) => `${key.pk.S} ${key.sk.S}`;

/** The items as they are now, by `keyText`. */
async function readChanged(
  store: DynamoRepositoryOptions,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, Item>> {
  const items = await readItems(
    store,
    changes.map((change) => keyOf(change.key)),
  );
  return new Map(items.map((item) => [`${item['pk']?.S} ${item['sk']?.S}`, item]));
}

function settleLost(change: Change, items: ReadonlyMap<string, Item>): TransitionResult {
  const item = items.get(keyText(keyOf(change.key)));
  if (!item) return { kind: 'lost', current: undefined };
  const current = change.key.kind === 'task' ? toTask(item) : toWorkflow(item);
  // The key decides which kind of item it is, so `current` has the change's own type.
  if (change.kind === 'update' && (change as Update).isApplied(current)) return { kind: 'applied' };
  return { kind: 'lost', current };
}
