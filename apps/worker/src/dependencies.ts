import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { CALLBACK_SECRET_BYTES, LIMITS, createGraphCache } from '@orchestra/workflow-core';
import { createEvaluator, createInputCheck, type InputCheck } from '@orchestra/workflow-core/data';
import { createDynamoPlaces, createDynamoRepository } from '@orchestra/workflow-core/dynamodb';
import type { Env } from './env.js';
import { createInvoke } from './invoke.js';
import type { Ports } from './ports.js';

/** Above the longest task: the worker's own clock ends an attempt, never the socket's. */
const REQUEST_TIMEOUT_MS = (LIMITS.taskTimeoutSeconds.max + 30) * 1000;

/** Beside the bundle that this module is in. */
const EXPRESSION_PROCESS = new URL('./expression-process.mjs', import.meta.url);

export function createPorts(env: Env, count: Ports['count']): Ports {
  const store = { client: new DynamoDBClient(), tableName: env.TABLE_NAME };
  const repository = createDynamoRepository(store);
  const now = () => Date.now();
  return {
    repository,
    places: createDynamoPlaces(store),
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
    evaluate: createEvaluator(EXPRESSION_PROCESS).evaluate,
    checkInput: inputCheck(),
    settings: {
      firstCheckMs: env.FIRST_CHECK_SECONDS * 1000,
      taskTimeoutMs: env.TASK_TIMEOUT_SECONDS * 1000,
      leaseMarginMs: env.LEASE_MARGIN_SECONDS * 1000,
      taskLimits: env.TASK_LIMITS,
    },
    now,
    pause: (milliseconds) => pause(Math.max(0, milliseconds)),
    random: Math.random,
    count,
    newClaimId: () => randomBytes(12).toString('base64url'),
    newSecret: () => randomBytes(CALLBACK_SECRET_BYTES).toString('base64url'),
    log: (entry) => console.log(JSON.stringify(entry)),
  };
}

/** Made when the first child is started: most workers start none, and it takes its time. */
function inputCheck(): InputCheck {
  let check: InputCheck | undefined;
  return (...asked) => (check ??= createInputCheck())(...asked);
}
