/** Graphs of any shape on the running product: their definitions stored, started through the orchestrator, metered. */
import type { Definition } from '@orchestra/workflow-core';
import { createDynamoRepository } from '@orchestra/workflow-core/dynamodb';
import type { Counts, MeterReading } from '../aws-endpoint/meter.js';
import { engineClient } from '../emulator/engine-client.js';
import type { RunningStack } from '../stack.js';
import { metricOf, until } from './sample-stack.fixture.js';

export { chain, fan } from '../graphs.js';

/** Runs it to SUCCESS; what that cost, storing the definition left out. */
export async function runGraph(
  stack: RunningStack,
  definition: Definition,
  workflowId = definition.name,
): Promise<{ readonly reading: MeterReading; readonly tasks: number }> {
  const { revision } = await storeDefinition(stack, definition);
  const before = metricOf(stack, 'WorkflowsSucceeded');
  stack.meter.reset();
  const request = {
    mode: 'start',
    workflowId,
    definition: { name: definition.name, revision },
    input: { delayMs: 0 },
  };
  await invokeFunction(stack, 'Orchestrator', request);
  await until(
    async () => metricOf(stack, 'WorkflowsSucceeded'),
    (now) => now === before + 1,
    180_000,
  );
  return { reading: stack.meter.read(), tasks: definition.tasks.length };
}

/** Past the meter. */
export const storeDefinition = (stack: RunningStack, definition: Definition) =>
  repositoryOf(stack).putDefinition(definition, new Date().toISOString());

/** Straight to the engine, past the meter. */
export function repositoryOf(stack: RunningStack) {
  const [table] = stack.model.tables;
  if (!table) throw new Error('the template has no table');
  return createDynamoRepository({
    client: engineClient(stack.emulator.url),
    tableName: table.name,
  });
}

export async function invokeFunction(
  stack: RunningStack,
  name: string,
  payload: unknown,
): Promise<unknown> {
  const found = stack.model.functions.find((each) => each.name.includes(name));
  if (!found) throw new Error(`no function is called ${name}`);
  const answer = await stack.functions.invoke(found.name, JSON.stringify(payload));
  if (answer.functionError) throw new Error(answer.payload);
  return JSON.parse(answer.payload) as unknown;
}

export function byCaller(reading: MeterReading, name: string): Counts {
  const caller = Object.keys(reading.byCaller).find((each) => each.includes(name));
  if (!caller) throw new Error(`${name} called nothing: ${Object.keys(reading.byCaller).join()}`);
  return reading.byCaller[caller] as Counts;
}

/** Requests to DynamoDB; invocations of functions are not among them. */
export const requestsToTable = ({ requests }: MeterReading): number =>
  Object.entries(requests)
    .filter(([operation]) => !operation.startsWith('Invoke'))
    .reduce((sum, [, count]) => sum + count, 0);

const READS = ['GetItem', 'BatchGetItem', 'Query', 'Scan'];

/** The requests by which a function read, one name for each. */
export const readsOf = (reading: MeterReading, name: string): readonly string[] =>
  Object.entries(byCaller(reading, name).requests).flatMap(([operation, count]) =>
    READS.includes(operation) ? Array.from({ length: count }, () => operation) : [],
  );
