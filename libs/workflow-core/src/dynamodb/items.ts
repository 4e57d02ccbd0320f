/**
 * Domain records <-> DynamoDB items. Items are parsed, not trusted; attributes this version does not know
 * survive, because writes only ever set named attributes.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { CorruptItemError } from '../errors.js';
import type { WorkflowSummary } from '../repository.js';
import { TASK_STATUSES, WORKFLOW_STATUSES } from '../state-machines.js';
import { selectionSchema } from '../messages.js';
import type { Update } from '../transitions.js';
import {
  ACTORS,
  DUTIES,
  FAILURE_REASONS,
  SKIP_REASONS,
  type Payload,
  type Task,
  type Workflow,
} from '../workflow.js';
import {
  createdAtOf,
  duePk,
  INBOX_PK,
  filterPk,
  inboxKey,
  listKey,
  listPk,
  metaKey,
  shardOf,
  tagItemKey,
  tagPk,
  taskIdOf,
  taskItemKey,
  workflowIdOf,
} from './keys.js';

export type Item = Record<string, AttributeValue>;

/** Version of the shape of our items, on each of them. */
const SCHEMA = 1;

const text = z.object({ S: z.string() }).transform((value) => value.S);
const number = z.object({ N: z.string() }).transform((value) => Number(value.N));
const actor = text.pipe(z.enum(ACTORS));
const json = <Schema extends z.ZodType>(schema: Schema) =>
  text
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

const errorSchema = z.object({
  type: z.string(),
  message: z.string(),
  trace: z.array(z.string()),
});
const payloadSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('inline'), json: z.string() }),
  z.object({ kind: z.literal('parts'), key: z.string(), parts: z.int() }),
]);
const overrideSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('input'), taskId: z.string(), input: payloadSchema }),
  z.object({ kind: z.literal('output'), taskId: z.string(), output: payloadSchema }),
  z.object({ kind: z.literal('skip'), taskId: z.string() }),
]);
const redriveSchema = z.object({
  epoch: z.int(),
  at: z.string(),
  token: z.string(),
  selection: selectionSchema,
  fromRevision: z.int(),
  from: z.object({
    status: z.enum(WORKFLOW_STATUSES).exclude(['PENDING', 'RUNNING']),
    endedAt: z.string().optional(),
    endedBy: z.enum(ACTORS).optional(),
    reason: z.literal('TIMEOUT').optional(),
    note: z.string().optional(),
    who: z.string().optional(),
  }),
  overrides: z.array(overrideSchema).optional(),
  who: z.string().optional(),
  note: z.string().optional(),
});
const parentSchema = z.object({
  workflowId: z.string(),
  taskId: z.string(),
  epoch: z.int(),
});
const controlSchema = z.object({
  kind: z.enum(['pause', 'resume']),
  at: z.string(),
  epoch: z.int(),
  who: z.string().optional(),
  note: z.string().optional(),
});
const mapItemsSchema = z.object({
  key: z.string(),
  count: z.int(),
  perPart: z.int(),
  hash: z.string(),
  since: z.int(),
});
const callbackSchema = z.object({ secret: z.string(), openedAt: z.string() });

const workflowItem = z.object({
  pk: text,
  status: text.pipe(z.enum(WORKFLOW_STATUSES)),
  version: number,
  epoch: number,
  definition: text,
  revision: number,
  requestHash: text,
  input: text.optional(),
  inputKey: text.optional(),
  inputParts: number.optional(),
  tags: json(z.array(z.string())).optional(),
  listKey: text,
  startedAt: text.optional(),
  endedAt: text.optional(),
  endedBy: actor.optional(),
  reason: text.pipe(z.literal('TIMEOUT')).optional(),
  note: text.optional(),
  who: text.optional(),
  nextCheckAt: text.optional(),
  redrives: json(z.array(redriveSchema)).optional(),
  controls: json(z.array(controlSchema)).optional(),
  startBy: text.pipe(z.literal('table')).optional(),
  parent: json(parentSchema).optional(),
  depth: number.optional(),
  concurrencyKey: text.optional(),
  duties: json(z.array(z.enum(DUTIES))).optional(),
  expiresAt: number,
});

const taskItem = z.object({
  pk: text,
  sk: text,
  status: text.pipe(z.enum(TASK_STATUSES).exclude(['PENDING'])),
  reason: text.pipe(z.enum([...SKIP_REASONS, ...FAILURE_REASONS])).optional(),
  version: number,
  epoch: number,
  definition: text,
  revision: number,
  workflowStartedAt: text,
  attempt: number,
  claimId: text.optional(),
  leaseUntil: text.optional(),
  readyAt: text.optional(),
  readyBy: actor.optional(),
  notBefore: text.optional(),
  startedAt: text.optional(),
  endedAt: text.optional(),
  endedBy: actor.optional(),
  retries: number.optional(),
  lost: number.optional(),
  error: json(errorSchema).optional(),
  suspendedAt: text.optional(),
  wakeAt: text.optional(),
  items: json(mapItemsSchema).optional(),
  callback: json(callbackSchema).optional(),
  postponed: number.optional(),
  postponedAt: text.optional(),
  heartbeats: number.optional(),
  heartbeatAt: text.optional(),
  child: text.optional(),
  who: text.optional(),
  note: text.optional(),
  input: text.optional(),
  inputKey: text.optional(),
  inputParts: number.optional(),
  output: text.optional(),
  outputKey: text.optional(),
  outputParts: number.optional(),
  requestId: text.optional(),
  witnesses: json(z.array(z.string())).optional(),
  pastAttempts: text.optional(),
  pastAttemptsKey: text.optional(),
  pastAttemptsParts: number.optional(),
  expiresAt: number,
});

const summaryItem = z.object({
  pk: text,
  listKey: text,
  status: text.pipe(z.enum(WORKFLOW_STATUSES)),
  definition: text,
  revision: number,
  startedAt: text.optional(),
  endedAt: text.optional(),
});

/** An attribute that was cleared holds NULL: it is not there. */
function parse<Schema extends z.ZodType>(schema: Schema, item: Item): z.output<Schema> {
  const there = Object.entries(item).filter(([, value]) => value.NULL !== true);
  const parsed = schema.safeParse(Object.fromEntries(there));
  if (parsed.success) return parsed.data;
  throw new CorruptItemError(
    `the item ${item['pk']?.S} ${item['sk']?.S} does not read: ${parsed.error.message}`,
  );
}

/** Undefined attributes are left out rather than stored. */
function compact<Record extends object>(record: Record): Record {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as Record;
}

function payloadOf(inline?: string, key?: string, parts?: number): Payload | undefined {
  if (inline !== undefined) return { kind: 'inline', json: inline };
  return key === undefined ? undefined : { kind: 'parts', key, parts: parts ?? 1 };
}

export function toWorkflow(item: Item): Workflow {
  const {
    pk,
    definition,
    revision,
    input,
    inputKey,
    inputParts,
    listKey: key,
    ...rest
  } = parse(workflowItem, item);
  return compact({
    ...rest,
    workflowId: workflowIdOf(pk),
    definition: { name: definition, revision },
    input: payloadOf(input, inputKey, inputParts) ?? { kind: 'inline', json: 'null' },
    createdAt: createdAtOf(key),
  });
}

export function toTask(item: Item): Task {
  const {
    pk,
    sk,
    definition,
    revision,
    input,
    inputKey,
    inputParts,
    output,
    outputKey,
    outputParts,
    pastAttempts,
    pastAttemptsKey,
    pastAttemptsParts,
    ...rest
  } = parse(taskItem, item);
  return compact({
    ...rest,
    workflowId: workflowIdOf(pk),
    taskId: taskIdOf(sk),
    definition: { name: definition, revision },
    input: payloadOf(input, inputKey, inputParts),
    output: payloadOf(output, outputKey, outputParts),
    pastAttempts: payloadOf(pastAttempts, pastAttemptsKey, pastAttemptsParts),
  });
}

export function toSummary(item: Item): WorkflowSummary {
  const { pk, listKey: key, definition, revision, ...rest } = parse(summaryItem, item);
  return compact({
    ...rest,
    workflowId: workflowIdOf(pk),
    definition: { name: definition, revision },
    createdAt: createdAtOf(key),
  });
}

const S = (value: string): AttributeValue => ({ S: value });
const N = (value: number): AttributeValue => ({ N: String(value) });

const CLEARED: AttributeValue = { NULL: true };

const PAYLOADS = new Set(['input', 'output', 'pastAttempts']);

/** Whichever way it was kept before, it is kept in one way now. */
function payloadAttributes(name: string, payload: Payload, replaces: boolean): Item {
  if (payload.kind === 'inline')
    return { [name]: S(payload.json), ...(replaces ? clearedParts(name) : {}) };
  return {
    [`${name}Key`]: S(payload.key),
    [`${name}Parts`]: N(payload.parts),
    ...(replaces ? { [name]: CLEARED } : {}),
  };
}

const clearedParts = (name: string): Item => ({
  [`${name}Key`]: CLEARED,
  [`${name}Parts`]: CLEARED,
});

const clearedAttributes = (name: string): Item => ({
  [name]: CLEARED,
  ...(PAYLOADS.has(name) ? clearedParts(name) : {}),
});

/** Whether a field is held as text, as a number, as JSON text or in its own way; ids live in the key. */
export function attributesOf(record: Partial<Task> | Partial<Workflow>, replaces = false): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(record)) {
    if (value === undefined || name === 'workflowId' || name === 'taskId' || name === 'createdAt')
      continue;
    if (name === 'definition') {
      const { name: definition, revision } = value as Task['definition'];
      Object.assign(item, { definition: S(definition), revision: N(revision) });
    } else if (PAYLOADS.has(name))
      // An output is the first of its claim; only a list of attempts takes the place of another.
      Object.assign(
        item,
        payloadAttributes(name, value as Payload, replaces && name === 'pastAttempts'),
      );
    else if (typeof value === 'string') item[name] = S(value);
    else if (typeof value === 'number') item[name] = N(value);
    else item[name] = S(JSON.stringify(value));
  }
  return item;
}

export function newWorkflowItem(workflow: Workflow): Item {
  return {
    ...metaKey(workflow.workflowId),
    schema: N(SCHEMA),
    ...attributesOf(workflow),
    list: S(listPk(shardOf(workflow.workflowId))),
    listKey: S(listKey(workflow.createdAt, workflow.workflowId)),
    filter: S(filterPk(workflow.definition.name, workflow.status)),
    due: S(duePk(shardOf(workflow.workflowId))),
  };
}

/** One for each tag: an entry of the list index, in the partition of the tag; it says nothing that can change. */
export const newTagItems = (workflow: Workflow): Item[] =>
  (workflow.tags ?? []).map((tag) => ({
    ...tagItemKey(workflow.workflowId, tag, workflow.createdAt),
    schema: N(SCHEMA),
    definition: S(workflow.definition.name),
    revision: N(workflow.definition.revision),
    list: S(tagPk(tag)),
    listKey: S(listKey(workflow.createdAt, workflow.workflowId)),
    expiresAt: N(workflow.expiresAt),
  }));

export const newTaskItem = (task: Task): Item => ({
  ...taskItemKey(task.workflowId, task.taskId),
  schema: N(SCHEMA),
  ...attributesOf(task),
});

/** What an update sets: its own fields, those it clears, and for META the filter index, which follows the status. */
export function updateAttributes(change: Update<Task> | Update<Workflow>): Item {
  const { set, clear = [] } = change;
  const attributes = attributesOf(set, true);
  for (const name of clear) Object.assign(attributes, clearedAttributes(name));
  if (change.key.kind === 'workflow' && set.status && set.definition)
    attributes['filter'] = S(filterPk(set.definition.name, set.status));
  if (change.key.kind === 'task' && change.entersInbox) {
    const { openedAt = '' } = (set as Partial<Task>).callback ?? {};
    attributes['list'] = S(INBOX_PK);
    attributes['listKey'] = S(inboxKey(openedAt, change.key.workflowId, change.key.taskId));
  }
  return attributes;
}
