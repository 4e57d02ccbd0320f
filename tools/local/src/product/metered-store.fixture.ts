/** The repository on the engine that runs here and the table that the template describes, each of its calls metered. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoRepository } from '@orchestra/workflow-core/dynamodb';
import { startAwsEndpoint } from '../aws-endpoint/aws-endpoint.js';
import { OPERATOR } from '../aws-endpoint/identities.js';
import { startEmulator } from '../emulator/emulator.js';
import { ENGINE_REGION } from '../emulator/engine-client.js';
import { readSampleModel } from './sample-stack.fixture.js';

export type MeteredStore = Awaited<ReturnType<typeof openMeteredStore>>;

export async function openMeteredStore() {
  const [table] = readSampleModel().tables;
  if (!table) throw new Error('the template has no table');
  const emulator = await startEmulator({ ephemeral: true, onNotice: () => {} });
  await emulator.ensureTables([table]);
  const endpoint = await startAwsEndpoint({
    ...{ engineUrl: emulator.url, tables: [table], functions: [] },
    invoker: () => {
      throw new Error('there is no function');
    },
  });
  const client = new DynamoDBClient({
    endpoint: endpoint.url,
    region: ENGINE_REGION,
    credentials: { accessKeyId: OPERATOR.accessKeyId, secretAccessKey: 'local' },
  });
  return {
    client,
    tableName: table.name,
    repository: createDynamoRepository({ client, tableName: table.name }),
    /** What it cost to do this. */
    async costOf<Result>(work: () => Promise<Result>) {
      endpoint.meter.reset();
      const result = await work();
      const { tableWriteUnits, indexWriteUnitsByName, readUnits, requests } = endpoint.meter.read();
      return { result, tableWriteUnits, indexWriteUnitsByName, readUnits, requests };
    },
    async close() {
      client.destroy();
      await endpoint.stop();
      await emulator.stop();
    },
  };
}
