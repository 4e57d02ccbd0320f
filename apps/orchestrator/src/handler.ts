/** The Lambda: tells its three callers apart and translates for them. */
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { startRequestSchema, sweepRequestSchema, type StartAnswer } from '@orchestra/workflow-core';
import { toTask } from '@orchestra/workflow-core/dynamodb';
import { createPorts } from './dependencies.js';
import { readEnv } from './env.js';
import { createMetrics } from './metrics.js';
import type { Ports } from './ports.js';
import { startWorkflow } from './start.js';
import { advanceBatch, type FinishedTaskRecord } from './stream.js';
import { sweep, type SweepReport } from './sweep.js';

type Answer = StartAnswer | SweepReport | DynamoDBBatchResponse;

const requestSchema = z.discriminatedUnion('mode', [startRequestSchema, sweepRequestSchema]);

const metrics = createMetrics(Date.now, (line) => console.log(line));
const ports = createPorts(readEnv(process.env), metrics);

/** Left for a sweep to end by itself. */
const SWEEP_MARGIN_MS = 10_000;

export async function handler(event: unknown, context: Context): Promise<Answer> {
  try {
    return await route(ports, event, context);
  } finally {
    metrics.flush();
  }
}

async function route(on: Ports, event: unknown, context: Context): Promise<Answer> {
  if (isStreamEvent(event)) return advanceStream(on, event);
  const request = requestSchema.parse(event);
  return request.mode === 'start'
    ? startWorkflow(on, request)
    : sweep(on, () => context.getRemainingTimeInMillis() < SWEEP_MARGIN_MS);
}

async function advanceStream(
  on: Ports,
  { Records }: DynamoDBStreamEvent,
): Promise<DynamoDBBatchResponse> {
  const { failedFrom } = await advanceBatch(
    on,
    Records.flatMap((record) => toRecord(on, record)),
  );
  return { batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }] };
}

/** A record that does not read would not read the next time either: it is logged and left to the sweep. */
function toRecord(
  on: Ports,
  { dynamodb }: DynamoDBStreamEvent['Records'][number],
): FinishedTaskRecord[] {
  const image = dynamodb?.NewImage;
  if (!image || !dynamodb.SequenceNumber) return [];
  try {
    const task = toTask(image as Parameters<typeof toTask>[0]);
    return [{ sequenceNumber: dynamodb.SequenceNumber, task }];
  } catch (error) {
    on.log({ level: 'error', message: 'a record does not read', error: String(error) });
    on.count('PassesFailed');
    return [];
  }
}

const isStreamEvent = (event: unknown): event is DynamoDBStreamEvent =>
  typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
