/** The Lambda: tells its three callers apart and translates for them. */
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import {
  answerRequestSchema,
  cancelRequestSchema,
  checkRequestSchema,
  controlRequestSchema,
  createMetrics,
  heartbeatRequestSchema,
  overrideRequestSchema,
  redriveRequestSchema,
  startRequestSchema,
  sweepRequestSchema,
  type AnswerAnswer,
  type CancelAnswer,
  type ControlAnswer,
  type HeartbeatAnswer,
  type OverrideAnswer,
  type RedriveAnswer,
  type StartAnswer,
} from '@orchestra/workflow-core';
import { isMetaSk, toTask, toWorkflow, workflowIdOf } from '@orchestra/workflow-core/dynamodb';
import { answerCallback, beatCallback } from './answer.js';
import { controlWorkflow } from './control.js';
import { createPorts } from './dependencies.js';
import { readEnv } from './env.js';
import type { Counter, Duration, Ports } from './ports.js';
import { startWorkflow } from './start.js';
import { advanceBatch, type StreamRecord } from './stream.js';
import { redriveWorkflow } from './redrive.js';
import { cancelWorkflow } from './stop.js';
import { check, sweep, type SweepReport } from './sweep.js';
import { overrideTask } from './task-orders.js';

type Answer =
  | StartAnswer
  | CancelAnswer
  | RedriveAnswer
  | ControlAnswer
  | OverrideAnswer
  | AnswerAnswer
  | HeartbeatAnswer
  | SweepReport
  | DynamoDBBatchResponse;

const requestSchema = z.discriminatedUnion('mode', [
  startRequestSchema,
  cancelRequestSchema,
  redriveRequestSchema,
  controlRequestSchema,
  overrideRequestSchema,
  answerRequestSchema,
  heartbeatRequestSchema,
  sweepRequestSchema,
  checkRequestSchema,
]);

const metrics = createMetrics<Counter, Duration>(Date.now, (line) => console.log(line));
const ports = createPorts(readEnv(process.env), metrics);

/** Left for a sweep to end by itself, and for a batch to be answered. */
const SWEEP_MARGIN_MS = 10_000;
const BATCH_MARGIN_MS = 5_000;

export async function handler(event: unknown, context: Context): Promise<Answer> {
  try {
    return await route(ports, event, context);
  } finally {
    metrics.flush();
  }
}

async function route(on: Ports, event: unknown, context: Context): Promise<Answer> {
  if (isStreamEvent(event)) return advanceStream(on, event, context);
  const request = requestSchema.parse(event);
  switch (request.mode) {
    case 'start':
      return startWorkflow(on, request);
    case 'cancel':
      return cancelWorkflow(on, request);
    case 'redrive':
      return redriveWorkflow(on, request);
    case 'pause':
    case 'resume':
      return controlWorkflow(on, request);
    case 'override':
      return overrideTask(on, request);
    case 'answer':
      return answerCallback(on, request);
    case 'heartbeat':
      return beatCallback(on, request);
    case 'check':
      return check(on, request.workflowIds, 0);
    case 'sweep':
      return sweep(on, () => context.getRemainingTimeInMillis() < SWEEP_MARGIN_MS);
  }
}

async function advanceStream(
  on: Ports,
  { Records }: DynamoDBStreamEvent,
  context: Context,
): Promise<DynamoDBBatchResponse> {
  const over = new AbortController();
  const remaining = context.getRemainingTimeInMillis() - BATCH_MARGIN_MS;
  const timeIsUp = pause(Math.max(0, remaining), undefined, { signal: over.signal });
  const records = Records.flatMap((record) => toRecord(record));
  const { failedFrom } = await advanceBatch(
    on,
    records,
    timeIsUp.catch(() => new Promise<never>(() => {})),
  );
  over.abort();
  return { batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }] };
}

type StoredItem = Parameters<typeof toTask>[0];

/** A record whose item does not read is its workflow's own poison. */
function toRecord({ dynamodb }: DynamoDBStreamEvent['Records'][number]): StreamRecord[] {
  const { NewImage: image, OldImage: old, SequenceNumber: sequenceNumber } = dynamodb ?? {};
  if (!image || !sequenceNumber) return [];
  try {
    if (!isMetaSk(image['sk']?.S ?? ''))
      return [{ sequenceNumber, task: toTask(image as StoredItem) }];
    const workflow = toWorkflow(image as StoredItem);
    const before = old ? { before: toWorkflow(old as StoredItem) } : {};
    return [{ sequenceNumber, workflow, ...before }];
  } catch (error) {
    const workflowId = workflowIdOf(image['pk']?.S ?? '');
    return [{ sequenceNumber, unreadable: { workflowId, error } }];
  }
}

const isStreamEvent = (event: unknown): event is DynamoDBStreamEvent =>
  typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
