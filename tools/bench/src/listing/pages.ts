/** Pages of a listing and what they cost, through the endpoint that counts. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { OPERATOR } from '@orchestra/local';
import type { WorkflowRepository } from '@orchestra/workflow-core';
import { createDynamoRepository } from '@orchestra/workflow-core/dynamodb';
import type { Stack } from '../stack/open-stack.js';
import type { Filter } from './population.js';

export interface PageCost {
  readonly items: number;
  readonly requests: number;
  readonly readUnits: number;
  readonly milliseconds: number;
}

const REGION = 'us-east-1';
const PAGE = 50;
/** The largest page there is: for walking. */
const STRIDE = 200;

/** Signed as a person on this machine. */
export function countedRepository({ running, tableName }: Stack): {
  readonly repository: WorkflowRepository;
  readonly client: DynamoDBClient;
} {
  const client = new DynamoDBClient({
    endpoint: running.awsEndpointUrl,
    region: REGION,
    credentials: { accessKeyId: OPERATOR.accessKeyId, secretAccessKey: 'local' },
  });
  return { client, repository: createDynamoRepository({ client, tableName }) };
}

/** Pages that are taken together: what one costs depends a little on how its workflows happen to be spread. */
const MEASURED = 8;

/** Of a page of 50, the mean of several that follow each other; of full ones, if there is one. */
export async function pageCost(
  stack: Stack,
  repository: WorkflowRepository,
  query: Filter & { readonly cursor?: string },
): Promise<PageCost> {
  // Not counted: it opens connections.
  await onePage(stack, repository, query);
  const costs: PageCost[] = [];
  let from = query.cursor;
  do {
    const cursor = from === undefined ? {} : { cursor: from };
    const page = await onePage(stack, repository, { ...query, ...cursor });
    costs.push(page.cost);
    from = page.cursor;
  } while (from !== undefined && costs.length < MEASURED);
  const full = costs.filter(({ items }) => items === PAGE);
  return meanOf(full.length > 0 ? full : costs);
}

async function onePage(
  { running }: Stack,
  repository: WorkflowRepository,
  query: Filter & { readonly cursor?: string },
): Promise<{ cost: PageCost; cursor: string | undefined }> {
  running.meter.reset();
  const before = performance.now();
  const { items, cursor } = await repository.listWorkflows({ ...query, limit: PAGE });
  const milliseconds = performance.now() - before;
  const { requests, readUnits } = running.meter.read();
  const sum = Object.values(requests).reduce((total, count) => total + count, 0);
  return { cost: { items: items.length, requests: sum, readUnits, milliseconds }, cursor };
}

function meanOf(costs: readonly PageCost[]): PageCost {
  const mean = (of: keyof PageCost) =>
    costs.reduce((sum, cost) => sum + cost[of], 0) / costs.length;
  return {
    items: mean('items'),
    requests: mean('requests'),
    readUnits: mean('readUnits'),
    milliseconds: mean('milliseconds'),
  };
}

export interface Walk {
  readonly workflowIds: readonly string[];
  /** After so many items as were asked for; undefined when there are fewer. */
  readonly deepCursor?: string;
}

/** From the newest to the oldest, page by page. */
export async function walk(
  repository: WorkflowRepository,
  filter: Filter,
  deepAfter = Infinity,
): Promise<Walk> {
  const workflowIds: string[] = [];
  let cursor: string | undefined;
  let deepCursor: string | undefined;
  do {
    const page = await repository.listWorkflows({
      ...filter,
      limit: STRIDE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    workflowIds.push(...page.items.map(({ workflowId }) => workflowId));
    cursor = page.cursor;
    if (workflowIds.length >= deepAfter) deepCursor ??= cursor;
  } while (cursor !== undefined);
  return { workflowIds, ...(deepCursor === undefined ? {} : { deepCursor }) };
}

/** What differs between a listing and what it should be, in words; nothing when they are the same, once each, in order. */
export function difference(
  listed: readonly string[],
  expected: readonly string[],
): string | undefined {
  const twice = listed.length - new Set(listed).size;
  if (twice > 0) return `${twice} listed twice`;
  const [found, wanted] = [new Set(listed), new Set(expected)];
  const missing = expected.filter((id) => !found.has(id)).length;
  const strange = listed.filter((id) => !wanted.has(id)).length;
  if (missing + strange > 0) return `${missing} missing, ${strange} that do not belong`;
  return listed.every((id, at) => id === expected[at]) ? undefined : 'not newest first';
}
