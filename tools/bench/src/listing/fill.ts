/**
 * Puts workflows into the table. Those with tags by the repository's own writes, one after the other; the many others as
 * the items which those writes leave behind.
 */
import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type {
  DefinitionRef,
  FinishTransition,
  StopTransition,
  Workflow,
  WorkflowRepository,
} from '@orchestra/workflow-core';
import { newWorkflowItem, type Item } from '@orchestra/workflow-core/dynamodb';
import type { Member } from './population.js';

export interface Table {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly repository: WorkflowRepository;
}

type Refs = ReadonlyMap<string, DefinitionRef>;

const AT_ONCE = 200;
/** DynamoDB's own limit. */
const PUTS_PER_REQUEST = 25;

export async function fill(table: Table, members: readonly Member[], refs: Refs): Promise<void> {
  for (let first = 0; first < members.length; first += AT_ONCE) {
    const some = members.slice(first, first + AT_ONCE);
    await Promise.all([
      writeByTransitions(
        table,
        some.filter(({ tags }) => tags.length > 0),
        refs,
      ),
      putItems(
        table,
        some.filter(({ tags }) => tags.length === 0).map((member) => asLeft(member, refs)),
      ),
    ]);
  }
}

async function writeByTransitions(
  { repository }: Table,
  members: readonly Member[],
  refs: Refs,
): Promise<void> {
  await Promise.all(members.map((member) => repository.createWorkflow(asCreated(member, refs))));
  const ends = members.flatMap((member) => endOf(member, refs));
  const results = await repository.apply(ends);
  const lost = results.find(({ kind }) => kind !== 'applied');
  if (lost) throw new Error(`a workflow could not be ended: ${JSON.stringify(lost)}`);
  await repository.apply(ends.flatMap(settleOf));
}

async function putItems({ client, tableName }: Table, items: readonly Item[]): Promise<void> {
  const requests = Array.from({ length: Math.ceil(items.length / PUTS_PER_REQUEST) }, (_, n) =>
    items.slice(n * PUTS_PER_REQUEST, (n + 1) * PUTS_PER_REQUEST),
  );
  const answers = await Promise.all(
    requests.map((some) =>
      client.send(
        new BatchWriteItemCommand({
          RequestItems: { [tableName]: some.map((Item) => ({ PutRequest: { Item } })) },
        }),
      ),
    ),
  );
  if (answers.some(isUnfinished)) throw new Error('the engine did not take all items');
}

const isUnfinished = ({ UnprocessedItems = {} }: BatchWriteItemCommandOutput) =>
  Object.keys(UnprocessedItems).length > 0;

const KEPT_SECONDS = 30 * 24 * 3_600;
const FIRST_CHECK_MS = 60_000;
const LASTED_MS = 5_000;

const later = (time: string, milliseconds: number) =>
  new Date(Date.parse(time) + milliseconds).toISOString();

function asCreated(member: Member, refs: Refs): Workflow {
  const { workflowId, createdAt, tags } = member;
  return {
    ...{ workflowId, createdAt, startedAt: createdAt, status: 'RUNNING', version: 1, epoch: 1 },
    definition: refOf(member, refs),
    requestHash: 'none',
    input: { kind: 'inline', json: '{"day":"2026-01-01"}' },
    nextCheckAt: later(createdAt, FIRST_CHECK_MS),
    expiresAt: Math.floor(Date.parse(createdAt) / 1_000) + KEPT_SECONDS,
    ...(tags.length > 0 ? { tags } : {}),
  };
}

/** Its item once it has ended, if it has. */
function asLeft(member: Member, refs: Refs): Item {
  const { nextCheckAt, ...created } = asCreated(member, refs);
  const { status } = member;
  if (status === 'RUNNING') return newWorkflowItem({ ...created, ...present({ nextCheckAt }) });
  return newWorkflowItem({
    ...created,
    status,
    version: status === 'CANCELLED' ? 3 : 2,
    endedAt: later(member.createdAt, LASTED_MS),
    endedBy: byOf(status),
  });
}

const present = ({ nextCheckAt }: Pick<Workflow, 'nextCheckAt'>) =>
  nextCheckAt === undefined ? {} : { nextCheckAt };

const byOf = (status: Member['status']) => (status === 'CANCELLED' ? 'operator' : 'stream');

function refOf({ definition }: Member, refs: Refs): DefinitionRef {
  const ref = refs.get(definition);
  if (!ref) throw new Error(`no definition ${definition}`);
  return ref;
}

type End = FinishTransition | StopTransition;

function endOf(member: Member, refs: Refs): readonly End[] {
  const { workflowId, status, createdAt } = member;
  const at = later(createdAt, LASTED_MS);
  const common = {
    workflowId,
    epoch: 1,
    definition: refOf(member, refs),
    at,
    by: byOf(status),
  } as const;
  if (status === 'RUNNING') return [];
  return status === 'CANCELLED'
    ? [{ ...common, kind: 'stop', status }]
    : [{ ...common, kind: 'finish', status }];
}

/** Of a workflow that was stopped with nothing of it under way. */
const settleOf = ({ kind, workflowId, epoch }: End) =>
  kind === 'stop' ? [{ kind: 'settle' as const, workflowId, epoch, version: 2 }] : [];
