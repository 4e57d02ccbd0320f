import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  createGraphCache,
  type Definition,
  type DefinitionRef,
  type Metrics,
  type WorkMessage,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import { createDynamoRepository } from '@orchestra/workflow-core/dynamodb';
import type { Env } from './env.js';
import { Memory } from './memory.js';
import { DispatchError, type Counter, type Duration, type Ports } from './ports.js';

export function createPorts(env: Env, metrics: Metrics<Counter, Duration>): Ports {
  const repository = createDynamoRepository({
    client: new DynamoDBClient(),
    tableName: env.TABLE_NAME,
  });
  const lambda = new LambdaClient();
  return {
    repository,
    graph: createGraphCache(repository),
    register: createRegister(repository),
    dispatch: (message) => invokeWorker(lambda, env.WORKER_ARN, message),
    reportPoison: createPoisonReport(new SQSClient(), env.FAILURE_QUEUE_URL),
    memory: new Memory(),
    now: () => Date.now(),
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

/** The revision a definition is stored as: asked once in the life of the container. */
export function createRegister(repository: WorkflowRepository): Ports['register'] {
  const registered = new Map<Definition, DefinitionRef>();
  return async (definition) => {
    const known = registered.get(definition);
    if (known) return known;
    const { revision } = await repository.putDefinition(definition);
    const ref = { name: definition.name, revision };
    registered.set(definition, ref);
    return ref;
  };
}
