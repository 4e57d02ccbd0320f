/**
 * The repository's contract on real engines and on the table that the template describes: on the one that runs here,
 * and on AWS's own DynamoDB Local where this machine has Java and the jar (bin/fetch-dynamodb-local.mjs brings it).
 */
import { createDynamoRepository } from '@orchestra/workflow-core/dynamodb';
import { describeRepository } from '@orchestra/workflow-core/contract';
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
  return {
    repository: createDynamoRepository({ client, tableName: table?.name ?? '' }),
    close: async () => {
      client.destroy();
      await emulator.stop();
    },
  };
}

describeRepository('the local engine', () => openOn({ PATH: process.env['PATH'] }));

const found = findDynamoDbLocal();
if (found.kind === 'missing') console.log(`skipped on DynamoDB Local: ${found.reason}`);
else
  describeRepository("AWS's DynamoDB Local", async () => {
    const engine = await startDynamoDbLocal(found);
    const { repository, close } = await openOn({ DYNAMODB_ENDPOINT: engine.url });
    return {
      repository,
      close: async () => {
        await close();
        await engine.stop();
      },
    };
  });
