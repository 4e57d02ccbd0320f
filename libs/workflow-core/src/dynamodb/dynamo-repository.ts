/** The repository on DynamoDB: one table, one partition per workflow, every state change one conditional statement. */
import { setTimeout as pause } from 'node:timers/promises';
import { BatchGetItemCommand, QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { OrchestraError, StoreUnavailableError } from '../errors.js';
import type { TransitionResult, WorkflowRepository, WorkflowWithTasks } from '../repository.js';
import { changeOf, type Change, type Update } from '../transitions.js';
import { createBatcher } from './batch.js';
import { definitionNames, getDefinition, putDefinition } from './definitions.js';
import { newWorkflowItem, toTask, toWorkflow, type Item } from './items.js';
import {
  AFTER_PAYLOADS,
  INDEX_SHARDS,
  META_SK,
  filterPk,
  isTaskSk,
  keyOf,
  listPk,
  metaKey,
  taskItemKey,
  workflowPk,
  type Key,
} from './keys.js';
import { dueWorkflows, newestFirst } from './listing.js';
import { getPayload, putPayload } from './payloads.js';
import { insertStatement, statementOf } from './statements.js';

export interface DynamoRepositoryOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** BatchGetItem's own limit. */
const KEYS_PER_READ = 100;
/** Reads of keys DynamoDB left unprocessed. */
const READ_TRIES = 6;

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

  return {
    dueShards: INDEX_SHARDS,
    putDefinition: (definition) => putDefinition(store, definition),
    getDefinition: (ref) => getDefinition(store, ref),
    getWorkflow,
    getTasks,

    async createWorkflow(workflow) {
      const statement = insertStatement(tableName, newWorkflowItem(workflow));
      const name = keyText(metaKey(workflow.workflowId));
      if ((await execute(name, statement)) === 'applied') return { kind: 'created' };
      const present = await getWorkflow(workflow.workflowId);
      if (!present) throw new StoreUnavailableError(`${workflow.workflowId} came and went`);
      return { kind: 'exists', workflow: present };
    },

    getWorkflowWithTasks: (workflowId) => readPartition(store, workflowId),

    async getWorkflowAndTasks(workflowId, taskIds) {
      const keys = [metaKey(workflowId), ...taskIds.map((id) => taskItemKey(workflowId, id))];
      return withTasks(await readItems(store, keys));
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

    async listWorkflows({ status, limit, cursor }) {
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
      if (status === undefined) {
        const shards = Array.from({ length: INDEX_SHARDS }, (_, shard) => listPk(shard));
        return newestFirst(store, 'list', shards, page);
      }
      const names = await definitionNames(store);
      const partitions = names.map((name) => filterPk(name, status));
      return newestFirst(store, 'filter', partitions, page);
    },

    listDue: (query) => dueWorkflows(store, query),
  };
}

/** META and the tasks of a workflow, every page of them, its payloads left out. */
async function readPartition(
  { client, tableName }: DynamoRepositoryOptions,
  workflowId: string,
): Promise<WorkflowWithTasks | undefined> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND sk >= :first',
        ExpressionAttributeValues: {
          ':pk': { S: workflowPk(workflowId) },
          ':first': { S: AFTER_PAYLOADS },
        },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return withTasks(items);
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

/** Consistent; in no order; keys without an item are left out. */
async function readItems(
  { client, tableName }: DynamoRepositoryOptions,
  keys: readonly Key[],
): Promise<Item[]> {
  const items: Item[] = [];
  for (let start = 0; start < keys.length; start += KEYS_PER_READ) {
    let open: Record<string, unknown>[] = keys.slice(start, start + KEYS_PER_READ);
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt === READ_TRIES)
        throw new StoreUnavailableError(`${open.length} reads unanswered`);
      if (attempt > 0) await pause(Math.random() * 50 * 2 ** attempt);
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: { [tableName]: { Keys: open as unknown as Item[], ConsistentRead: true } },
        }),
      );
      items.push(...(Responses?.[tableName] ?? []));
      open = UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
  }
  return items;
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

/** No AWS error leaves the store: what the SDK gives up on is a store that cannot be reached. */
function hideSdkErrors(repository: WorkflowRepository): WorkflowRepository {
  return new Proxy(repository, {
    get(target, name: keyof WorkflowRepository) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]) => {
        try {
          return await (member as (...given: unknown[]) => Promise<unknown>)(...given);
        } catch (error) {
          if (error instanceof OrchestraError || !isSdkError(error)) throw error;
          throw new StoreUnavailableError(`${name} failed: ${error.message}`, { cause: error });
        }
      };
    },
  });
}

const isSdkError = (error: unknown): error is Error =>
  error instanceof Error && '$metadata' in error;
