/**
 * The repository's contract on real engines and on the table that the template describes: on the one that runs here,
 * and on AWS's own DynamoDB Local where this machine has Java and the jar (bin/fetch-dynamodb-local.mjs brings it).
 */
import { createDynamoRepository, createDynamoSchedules } from '@orchestra/workflow-core/dynamodb';
import { describeRepository, describeSchedules } from '@orchestra/workflow-core/contract';
import { engineClient } from '../emulator/engine-client.js';
import { startEmulator } from '../emulator/emulator.js';
import { findDynamoDbLocal, startDynamoDbLocal } from './dynamodb-local.fixture.js';
import { readSampleModel } from './sample-stack.fixture.js';

// A Java program takes seconds to start, and longer on a busy machine.
jest.setTimeout(120_000);

const [table] = readSampleModel().tables;
if (!table) throw new Error('the template has no table');

async function openOn(environment: Record<string, string | undefined>) {
  const emulator = await startEmulator({ ephemeral: true, environment, onNotice: () => {} });
  await emulator.ensureTables([table as NonNullable<typeof table>]);
  const client = engineClient(emulator.url);
  const store = { client, tableName: table?.name ?? '' };
  return {
    repository: createDynamoRepository(store),
    schedules: createDynamoSchedules(store),
    close: async () => {
      client.destroy();
      await emulator.stop();
    },
  };
}

const openLocal = () => openOn({ PATH: process.env['PATH'] });
describeRepository('the local engine', openLocal);
describeSchedules('the local engine', openLocal);

const found = findDynamoDbLocal();
if (found.kind === 'missing') console.log(`skipped on DynamoDB Local: ${found.reason}`);
else {
  const openAws = async () => {
    const engine = await startDynamoDbLocal(found);
    const { close, ...stores } = await openOn({ DYNAMODB_ENDPOINT: engine.url });
    return {
      ...stores,
      close: async () => {
        await close();
        await engine.stop();
      },
    };
  };
  describeRepository("AWS's DynamoDB Local", openAws);
  describeSchedules("AWS's DynamoDB Local", openAws);
}
