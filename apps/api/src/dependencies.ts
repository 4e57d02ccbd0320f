import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type {
  PlaceRepository,
  ScheduleRepository,
  WorkflowRepository,
} from '@orchestra/workflow-core';
import {
  createDynamoPlaces,
  createDynamoRepository,
  createDynamoSchedules,
} from '@orchestra/workflow-core/dynamodb';
import type { AllowOrigin } from './cors-origins.js';
import type { Env } from './env.js';
import { orchestratorBehindLambda, type Orchestrator } from './ask-orchestrator.js';

/** Everything the API needs from outside. */
export interface Dependencies {
  readonly repository: WorkflowRepository;
  readonly places: PlaceRepository;
  readonly schedules: ScheduleRepository;
  readonly orchestrator: Orchestrator;
  /** Random and unguessable: the id of a workflow, or the token of an order. */
  readonly newId: () => string;
  readonly allowOrigin: AllowOrigin;
  /** The names of the registered task functions. */
  readonly functions: ReadonlySet<string>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Takes one line of the log; JSON. */
  readonly log: (line: string) => void;
}

/** Milliseconds. */
const CONNECTING = 2_000;
const READING = 8_000;

export function createDependencies(env: Env): Dependencies {
  const client = new DynamoDBClient({
    requestHandler: { connectionTimeout: CONNECTING, requestTimeout: READING },
  });
  const store = { client, tableName: env.TABLE_NAME };
  const lambda = new LambdaClient({ requestHandler: { connectionTimeout: CONNECTING } });
  return {
    repository: createDynamoRepository(store),
    places: createDynamoPlaces(store),
    schedules: createDynamoSchedules(store),
    orchestrator: orchestratorBehindLambda(lambda, env.ORCHESTRATOR_ARN),
    newId: randomUUID,
    allowOrigin: env.CORS_ORIGINS,
    functions: new Set(env.TASK_FUNCTION_NAMES),
    now: Date.now,
    log: (line) => console.error(line),
  };
}
