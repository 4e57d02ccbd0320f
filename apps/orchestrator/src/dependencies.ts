import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  createGraphCache,
  createSampleRegistry,
  definedId,
  type Metrics,
  type WorkMessage,
} from '@orchestra/workflow-core';
import { createEvaluator, createInputCheck } from '@orchestra/workflow-core/data';
import {
  createDynamoPlaces,
  createDynamoRepository,
  createDynamoSchedules,
} from '@orchestra/workflow-core/dynamodb';
import type { Env } from './env.js';
import { Memory } from './memory.js';
import { DispatchError, type Counter, type Duration, type Ports } from './ports.js';

/** Beside the bundle that this module is in. */
const EXPRESSION_PROCESS = new URL('./expression-process.mjs', import.meta.url);

export function createPorts(env: Env, metrics: Metrics<Counter, Duration>): Ports {
  const store = { client: new DynamoDBClient(), tableName: env.TABLE_NAME };
  const repository = createDynamoRepository(store);
  const lambda = new LambdaClient();
  const now = () => Date.now();
  return {
    repository,
    places: createDynamoPlaces(store),
    schedules: createDynamoSchedules(store),
    evaluate: createEvaluator(EXPRESSION_PROCESS).evaluate,
    graph: createGraphCache(repository),
    sample: createSampleRegistry(repository, now),
    checkInput: inputCheck(),
    checkAnswer: answerCheck(),
    dispatch: (message) => invokeWorker(lambda, env.WORKER_ARN, message),
    reportPoison: createPoisonReport(new SQSClient(), env.FAILURE_QUEUE_URL),
    memory: new Memory(),
    now,
    count: metrics.count,
    observe: metrics.observe,
    log: (entry) => console.log(JSON.stringify(entry)),
    settings: {
      sweepGraceMs: env.SWEEP_GRACE_SECONDS * 1000,
      firstCheckMs: env.FIRST_CHECK_SECONDS * 1000,
    },
  };
}

async function invokeWorker(lambda: LambdaClient, worker: string, message: WorkMessage) {
  try {
    await lambda.send(
      new InvokeCommand({
        FunctionName: worker,
        InvocationType: 'Event',
        Payload: new TextEncoder().encode(JSON.stringify(message)),
      }),
    );
  } catch (error) {
    throw new DispatchError(`the worker was not told of ${message.workflowId}`, { cause: error });
  }
}

const createPoisonReport =
  (sqs: SQSClient, queue: string): Ports['reportPoison'] =>
  async (report) => {
    const body = { kind: 'workflow', ...report, at: new Date().toISOString() };
    await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: JSON.stringify(body) }));
  };

/** Compiled schemas are kept for ever: a revision never changes. */
export function inputCheck(): Ports['checkInput'] {
  const check = createInputCheck();
  return ({ name, revision }, schema, input) =>
    schema ? check(`${name}@${revision}`, schema, input) : [];
}

/** Of each task of a revision one; its items have the same. */
export function answerCheck(): Ports['checkAnswer'] {
  const check = createInputCheck();
  return ({ ref: { name, revision }, taskId }, schema, output) =>
    schema
      ? check(`${name}@${revision} ${definedId(taskId)}`, schema, output).map((issue) => ({
          ...issue,
          path: issue.path.replace(/^input/, 'output'),
        }))
      : [];
}
