/** The product on this machine, alone with whoever measures it: no sweep that reads beside it, data thrown away. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { engineClient, startStack, synthesise, type RunningStack } from '@orchestra/local';
import type { WorkflowRepository } from '@orchestra/workflow-core';
import { createDynamoRepository } from '@orchestra/workflow-core/dynamodb';
import { shortName } from './processes.js';

export interface Stack {
  readonly running: RunningStack;
  /** Straight to the engine, past the meter. */
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly repository: WorkflowRepository;
  /** Invocations so far, by the function's short name. */
  invocations(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

const NEVER_SECONDS = 1_000_000;

/** Gives up when asked to, and leaves no process either way. */
export async function withStack<Result>(
  signal: AbortSignal,
  use: (stack: Stack) => Promise<Result>,
): Promise<Result> {
  const stack = await openStack(signal);
  const givenUp = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([use(stack), givenUp]);
  } finally {
    await stack.stop();
  }
}

/** Builds and synthesises what changed first. */
async function openStack(signal: AbortSignal): Promise<Stack> {
  const assemblyDirectory = await synthesise(signal);
  const invocations: Record<string, number> = {};
  const running = await startStack({
    assemblyDirectory,
    ephemeral: true,
    scheduleEverySeconds: NEVER_SECONDS,
    onNotice: () => {},
    interference: {
      call: (_call, apply) => apply(),
      invocation: (fn, _payload, run) => {
        const name = shortName(fn.name);
        invocations[name] = (invocations[name] ?? 0) + 1;
        return run();
      },
    },
  });
  const [table] = running.model.tables;
  if (!table) throw new Error('the template has no table');
  const client = engineClient(running.emulator.url);
  return {
    ...{ running, client, tableName: table.name },
    repository: createDynamoRepository({ client, tableName: table.name }),
    invocations: () => ({ ...invocations }),
    stop: async () => {
      client.destroy();
      await running.stop();
    },
  };
}

/** @throws Error with what the function answered */
export async function invoke(
  { running }: Stack,
  shortened: string,
  payload: unknown,
): Promise<unknown> {
  const fn = running.model.functions.find(({ name }) => shortName(name) === shortened);
  if (!fn) throw new Error(`no function is called ${shortened}`);
  const answer = await running.functions.invoke(fn.name, JSON.stringify(payload));
  if (answer.functionError) throw new Error(answer.payload);
  return JSON.parse(answer.payload) as unknown;
}
