import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { LIMITS, createGraphCache } from '@orchestra/workflow-core';
import { createDynamoRepository } from '@orchestra/workflow-core/dynamodb';
import type { Env } from './env.js';
import { createInvoke } from './invoke.js';
import type { Ports } from './ports.js';

/** Above the longest task: the worker's own clock ends an attempt, never the socket's. */
const REQUEST_TIMEOUT_MS = (LIMITS.taskTimeoutSeconds.max + 30) * 1000;

export function createPorts(env: Env, count: Ports['count']): Ports {
  const repository = createDynamoRepository({
    client: new DynamoDBClient(),
    tableName: env.TABLE_NAME,
  });
  const now = () => Date.now();
  return {
    repository,
    graph: createGraphCache(repository),
    invoke: createInvoke({
      lambda: new LambdaClient({
        maxAttempts: 1,
        requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, connectionTimeout: 5_000 },
      }),
      functions: env.TASK_FUNCTIONS,
      pause: (milliseconds) => pause(milliseconds),
      now,
      random: Math.random,
    }),
    settings: {
      taskTimeoutMs: env.TASK_TIMEOUT_SECONDS * 1000,
      leaseMarginMs: env.LEASE_MARGIN_SECONDS * 1000,
    },
    now,
    pause: (milliseconds) => pause(Math.max(0, milliseconds)),
    random: Math.random,
    count,
    newClaimId: () => randomBytes(12).toString('base64url'),
    log: (entry) => console.log(JSON.stringify(entry)),
  };
}
