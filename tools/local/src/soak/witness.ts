/** What a person outside would do and see: starts workflows, reads the table past all faults, and the tasks' own notes. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { readPastAttempts, startAnswerSchema, type WorkflowStatus } from '@orchestra/workflow-core';
import { createDynamoRepository } from '@orchestra/workflow-core/dynamodb';
import { OPERATOR } from '../aws-endpoint/identities.js';
import { engineClient } from '../emulator/engine-client.js';
import { executionSchema, type Account, type Execution } from './account.js';
import { definition, graph } from './graph.js';
import type { Addresses } from './protocol.js';
import type { SupervisedRuntime } from './supervised-runtime.js';

/** A workflow that could not be started however often it was tried. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const START_WITHIN_MS = 60_000;
const AGAIN_AFTER_MS = 25;

interface Lines {
  readonly addresses: Addresses;
  readonly engine: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly repository: ReturnType<typeof createDynamoRepository>;
}

export class Witness {
  #lines: Lines | undefined;
  #revision = 1;

  constructor(private readonly runtime: SupervisedRuntime) {}

  /** Stores the definition, past all faults. */
  async prepare(): Promise<void> {
    this.#revision = (
      await this.#on.repository.putDefinition(definition, new Date().toISOString())
    ).revision;
  }

  /** As a client that knows its id does: again and again until it is answered. @throws StartError */
  async start(workflowId: string): Promise<void> {
    const giveUpAt = performance.now() + START_WITHIN_MS;
    const request = {
      mode: 'start',
      ...{ workflowId, input: { delayMs: 0 } },
      definition: { name: definition.name, revision: this.#revision },
    };
    for (;;) {
      try {
        const { kind } = await this.#invoke(request);
        if (kind !== 'conflict') return;
        throw new StartError(`${workflowId} is another workflow`);
      } catch (error) {
        if (error instanceof StartError) throw error;
        if (performance.now() >= giveUpAt)
          throw new StartError(`${workflowId} could not be started`, { cause: error });
      }
      await pause(AGAIN_AFTER_MS);
      await this.runtime.whenUp();
    }
  }

  /** Undefined: it is not there, or nobody can say now. */
  async statusOf(workflowId: string): Promise<WorkflowStatus | undefined> {
    try {
      return (await this.#on.repository.getWorkflow(workflowId))?.status;
    } catch {
      return undefined;
    }
  }

  /** Of the end; only in calm. */
  async accountOf(workflowId: string, all = this.executions()): Promise<Account> {
    const { repository } = this.#on;
    const found = await repository.getWorkflowWithTasks(workflowId);
    if (!found) throw new Error(`${workflowId} is not in the table`);
    const outputs = found.tasks.map(async ({ taskId, output }) => {
      return [taskId, output && (await repository.getPayload(workflowId, output))] as const;
    });
    const past = found.tasks.map(async (task) => {
      return [task.taskId, await readPastAttempts(repository, task)] as const;
    });
    return {
      ...{ ...found, graph },
      outputs: new Map(await Promise.all(outputs)),
      pastAttempts: new Map(await Promise.all(past)),
      executions: all.filter((each) => each.workflowId === workflowId),
    };
  }

  executions(): readonly Execution[] {
    const { ledgerFile } = this.#on.addresses;
    if (!existsSync(ledgerFile)) return [];
    return readFileSync(ledgerFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => executionSchema.parse(JSON.parse(line)));
  }

  /** Every item of a workflow, as it lies in the table. */
  async itemsOf(workflowId: string): Promise<readonly unknown[]> {
    const { engine, addresses } = this.#on;
    const items: unknown[] = [];
    let from: Record<string, never> | undefined;
    do {
      const page = await engine.send(
        new QueryCommand({
          TableName: addresses.tableName,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: `WORKFLOW#${workflowId}` } },
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey as typeof from;
    } while (from);
    return items;
  }

  close(): void {
    this.#lines?.engine.destroy();
    this.#lines?.lambda.destroy();
    this.#lines = undefined;
  }

  /** A runtime that was started again listens elsewhere. */
  get #on(): Lines {
    const { addresses } = this.runtime;
    if (this.#lines?.addresses === addresses) return this.#lines;
    this.close();
    const engine = engineClient(addresses.engineUrl);
    const repository = createDynamoRepository({ client: engine, tableName: addresses.tableName });
    this.#lines = { addresses, engine, lambda: operatorClient(addresses), repository };
    return this.#lines;
  }

  async #invoke(request: unknown) {
    const { lambda, addresses } = this.#on;
    const { FunctionError: failed, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: addresses.orchestrator, Payload: JSON.stringify(request) }),
    );
    const text = Payload?.transformToString() ?? '';
    if (failed) throw new Error(text);
    return startAnswerSchema.parse(JSON.parse(text));
  }
}

function operatorClient({ awsEndpointUrl }: Addresses): LambdaClient {
  return new LambdaClient({
    endpoint: awsEndpointUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: OPERATOR.accessKeyId, secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}
