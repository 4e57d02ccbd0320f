/**
 * Domain records <-> DynamoDB items. Items are parsed, not trusted; attributes this version does not know
 * survive, because writes only ever set named attributes.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { CorruptItemError } from '../errors.js';
import type { WorkflowSummary } from '../repository.js';
import { TASK_STATUSES, WORKFLOW_STATUSES } from '../state-machines.js';
import {
  FAILURE_REASONS,
  SKIP_REASONS,
  type Payload,
  type Task,
  type Workflow,
} from '../workflow.js';
import {
  createdAtOf,
  duePk,
  filterPk,
  listKey,
  listPk,
  metaKey,
  shardOf,
  taskIdOf,
  taskItemKey,
  workflowIdOf,
} from './keys.js';

export type Item = Record<string, AttributeValue>;

/** Version of the shape of our items, on each of them. */
const SCHEMA = 1;

const text = z.object({ S: z.string() }).transform((value) => value.S);
const number = z.object({ N: z.string() }).transform((value) => Number(value.N));
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
const pastAttemptSchema = z.object({
  attempt: z.int(),
  startedAt: z.string(),
  endedAt: z.string(),
  error: errorSchema.optional(),
  requestId: z.string().optional(),
});

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
  listKey: text,
  startedAt: text.optional(),
  endedAt: text.optional(),
  nextCheckAt: text.optional(),
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
  startedAt: text.optional(),
  endedAt: text.optional(),
  error: json(errorSchema).optional(),
  output: text.optional(),
  outputKey: text.optional(),
  outputParts: number.optional(),
  requestId: text.optional(),
  witnesses: json(z.array(z.string())).optional(),
  pastAttempts: json(z.array(pastAttemptSchema)).optional(),
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

function parse<Schema extends z.ZodType>(schema: Schema, item: Item): z.output<Schema> {
  const parsed = schema.safeParse(item);
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
  const { pk, sk, definition, revision, output, outputKey, outputParts, ...rest } = parse(
    taskItem,
    item,
  );
  return compact({
    ...rest,
    workflowId: workflowIdOf(pk),
    taskId: taskIdOf(sk),
    definition: { name: definition, revision },
    output: payloadOf(output, outputKey, outputParts),
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

function payloadAttributes(name: 'input' | 'output', payload: Payload): Item {
  return payload.kind === 'inline'
    ? { [name]: S(payload.json) }
    : { [`${name}Key`]: S(payload.key), [`${name}Parts`]: N(payload.parts) };
}

/** Whether a field is held as text, as a number, as JSON text or in its own way; ids live in the key. */
export function attributesOf(record: Partial<Task> | Partial<Workflow>): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(record)) {
    if (value === undefined || name === 'workflowId' || name === 'taskId' || name === 'createdAt')
      continue;
    if (name === 'definition') {
      const { name: definition, revision } = value as Task['definition'];
      Object.assign(item, { definition: S(definition), revision: N(revision) });
    } else if (name === 'input' || name === 'output')
      Object.assign(item, payloadAttributes(name, value as Payload));
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

export const newTaskItem = (task: Task): Item => ({
  ...taskItemKey(task.workflowId, task.taskId),
  schema: N(SCHEMA),
  ...attributesOf(task),
});

/** What an update of META sets besides its own fields: the filter index follows the status. */
export function updateAttributes(
  set: Partial<Task> | Partial<Workflow>,
  isWorkflow: boolean,
): Item {
  const attributes = attributesOf(set);
  if (isWorkflow && set.status && set.definition)
    attributes['filter'] = S(filterPk(set.definition.name, set.status));
  return attributes;
}
