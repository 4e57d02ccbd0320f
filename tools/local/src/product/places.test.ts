/** The contract of places on the engine that runs here, on the table that the template describes. */
import { createDynamoPlaces } from '@orchestra/workflow-core/dynamodb';
import { describePlaces } from '@orchestra/workflow-core/contract';
import { engineClient } from '../emulator/engine-client.js';
import { startEmulator } from '../emulator/emulator.js';
import { readSampleModel } from './sample-stack.fixture.js';

jest.setTimeout(120_000);

describePlaces('the local engine', async () => {
  const [table] = readSampleModel().tables;
  if (!table) throw new Error('the template has no table');
  const emulator = await startEmulator({ ephemeral: true, onNotice: () => {} });
  await emulator.ensureTables([table]);
  const client = engineClient(emulator.url);
  return {
    places: createDynamoPlaces({ client, tableName: table.name }),
    close: async () => {
      client.destroy();
      await emulator.stop();
    },
  };
});
