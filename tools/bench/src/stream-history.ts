/**
 * Whether a write costs the same however long the history of the table's stream is. The engine as it comes gets fifteen
 * times slower in 40,000 records; the local stack mends that, and this holds it to it.
 */
import { readFileSync } from 'node:fs';
import {
  BatchWriteItemCommand,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { engineClient, startEmulator, type Emulator, type TableModel } from '@orchestra/local';
import { compare, type Comparison } from './comparison.js';

const FEW_RECORDS = 1_000;
const MANY_RECORDS = 50_000;
const WRITES_MEASURED = 1_500;
const BATCH = 25;

const table: TableModel = {
  name: 'stream-history',
  arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/stream-history',
  createTable: {
    TableName: 'stream-history',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
};

/** What one write takes of the engine, in microseconds. */
interface Cost {
  readonly cpu: number | undefined;
  readonly elapsed: number;
}

/** CPU time where the system tells it: it stays put when the machine is busy with other things. */
export async function measureStreamHistory(): Promise<Comparison> {
  const emulator = await startEmulator({ ephemeral: true });
  const client = engineClient(emulator.url);
  try {
    await emulator.ensureTables([table]);
    await fill(client, 0, FEW_RECORDS);
    const few = await cost(emulator, client);
    await fill(client, FEW_RECORDS + WRITES_MEASURED, MANY_RECORDS);
    const many = await cost(emulator, client);
    const isCpu = few.cpu !== undefined && many.cpu !== undefined;
    return compare({
      what: `a write after ${FEW_RECORDS} and after ${MANY_RECORDS} stream records`,
      unit: isCpu ? 'µs of CPU' : 'µs',
      before: (isCpu ? few.cpu : few.elapsed) ?? 0,
      after: (isCpu ? many.cpu : many.elapsed) ?? 0,
      atMost: 1.5,
    });
  } finally {
    client.destroy();
    await emulator.stop();
  }
}

async function fill(client: DynamoDBClient, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += BATCH) {
    const puts = Array.from({ length: Math.min(BATCH, to - first) }, (_, n) => ({
      PutRequest: { Item: item(`fill-${first + n}`) },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table.name]: puts } }));
  }
}

async function cost(emulator: Emulator, client: DynamoDBClient): Promise<Cost> {
  const cpuBefore = cpuMicroseconds(emulator.pid());
  const before = performance.now();
  for (let n = 0; n < WRITES_MEASURED; n += 1) {
    await client.send(new PutItemCommand({ TableName: table.name, Item: item(`write-${n}`) }));
  }
  const elapsed = ((performance.now() - before) * 1_000) / WRITES_MEASURED;
  const cpuAfter = cpuMicroseconds(emulator.pid());
  const isKnown = cpuBefore !== undefined && cpuAfter !== undefined;
  return { elapsed, cpu: isKnown ? (cpuAfter - cpuBefore) / WRITES_MEASURED : undefined };
}

const item = (pk: string) => ({ pk: { S: pk }, text: { S: 'x'.repeat(300) } });

/** User and system time of a process; the kernel counts in hundredths of a second. */
function cpuMicroseconds(pid: number | undefined): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return undefined;
  }
}
