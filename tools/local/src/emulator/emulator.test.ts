import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import sqlite from 'node-sqlite3-wasm';
import type { TableModel } from '../model.js';
import { startEmulator, type Emulator } from './emulator.js';
import { engineClient } from './engine-client.js';
import { identityOf, isRunning } from './process-identity.js';
import { KEPT_STREAM_RECORDS, mendStreamHistory } from './stream-history.js';
import { waitUntil } from './wait-until.js';

const table: TableModel = {
  name: 'Things',
  arn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/Things',
  ttlAttribute: 'expiresAt',
  createTable: {
    TableName: 'Things',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'colour', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-colour',
        KeySchema: [{ AttributeName: 'colour', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['size', 'age'] },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
};

const running: { stop(): Promise<void> }[] = [];
const folders: string[] = [];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'emulator-test-'));
  folders.push(path);
  return path;
}

async function started(options: Parameters<typeof startEmulator>[0]): Promise<Emulator> {
  const emulator = await startEmulator(options);
  running.push(emulator);
  return emulator;
}

async function using<T>(emulator: Emulator, use: (client: DynamoDBClient) => Promise<T>) {
  const client = engineClient(emulator.url);
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

const put = (emulator: Emulator, pk: string) =>
  using(emulator, (client) =>
    client.send(new PutItemCommand({ TableName: 'Things', Item: { pk: { S: pk } } })),
  );

const get = (emulator: Emulator, pk: string) =>
  using(emulator, async (client) => {
    const reply = await client.send(
      new GetItemCommand({ TableName: 'Things', Key: { pk: { S: pk } }, ConsistentRead: true }),
    );
    return reply.Item;
  });

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

describe('the engine', () => {
  it('keeps what was written, and its tables, over a restart', async () => {
    const dataDirectory = folder();
    const first = await started({ dataDirectory });
    await first.ensureTables([table]);
    await put(first, 'a');
    await first.stop();
    const second = await started({ dataDirectory });
    await second.ensureTables([table]);
    expect(await get(second, 'a')).toEqual({ pk: { S: 'a' } });
  });

  it('sets the time to live the template asks for', async () => {
    const emulator = await started({ ephemeral: true });
    await emulator.ensureTables([table]);
    const reply = await using(emulator, (client) =>
      client.send(new DescribeTimeToLiveCommand({ TableName: 'Things' })),
    );
    expect(reply.TimeToLiveDescription).toEqual({
      AttributeName: 'expiresAt',
      TimeToLiveStatus: 'ENABLED',
    });
  });

  it('leaves neither a process nor a folder of an ephemeral run', async () => {
    const emulator = await started({ ephemeral: true });
    const engine = identityOf(emulator.pid() as number);
    await Promise.all([emulator.stop(), emulator.stop()]);
    expect(isRunning(engine)).toBe(false);
    expect(existsSync(emulator.directory.path)).toBe(false);
  });

  it('comes back on the same address with its data when it is killed', async () => {
    const notices: string[] = [];
    const emulator = await started({ ephemeral: true, onNotice: (line) => notices.push(line) });
    await emulator.ensureTables([table]);
    await put(emulator, 'kept');
    const before = emulator.pid() as number;
    process.kill(before, 'SIGKILL');
    await waitUntil(() => notices.length > 0, { withinMs: 10_000, everyMs: 10 });
    expect(notices).toEqual(['the DynamoDB engine ended (SIGKILL) and was started again']);
    expect(emulator.pid()).not.toBe(before);
    expect(await get(emulator, 'kept')).toEqual({ pk: { S: 'kept' } });
  });

  it('gives up, once and in words, on an engine that keeps ending', async () => {
    const failures: string[] = [];
    let restarts = 0;
    const emulator = await started({
      ephemeral: true,
      onFailure: (error) => failures.push(error.message),
      onNotice: () => {
        restarts += 1;
        kill();
      },
    });
    const kill = () => process.kill(emulator.pid() as number, 'SIGKILL');
    kill();
    await waitUntil(() => failures.length > 0, { withinMs: 15_000, everyMs: 10 });
    expect(failures).toEqual([
      'the DynamoDB engine keeps ending (SIGKILL); gave up after 5 restarts',
    ]);
    expect(restarts).toBe(5);
  }, 20_000);

  it('is left to whoever runs it where an endpoint is set', async () => {
    const elsewhere = await started({ ephemeral: true });
    const environment = { DYNAMODB_ENDPOINT: elsewhere.url };
    const emulator = await started({ dataDirectory: folder(), environment });
    expect(emulator).toMatchObject({ url: elsewhere.url, engine: elsewhere.url });
    expect(emulator.pid()).toBeUndefined();
    await emulator.ensureTables([table]);
    await put(emulator, 'there');
    await emulator.stop();
    expect(await get(elsewhere, 'there')).toEqual({ pk: { S: 'there' } });
  });

  it('ends with the process that started it, however that ends', async () => {
    const dataDirectory = folder();
    const script = `
      import { startEmulator } from ${JSON.stringify(join(__dirname, 'emulator.ts'))};
      const emulator = await startEmulator({ dataDirectory: ${JSON.stringify(dataDirectory)} });
      process.stdout.write(String(emulator.pid()));`;
    const host = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { cwd: __dirname, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    running.push({ stop: async () => void host.kill('SIGKILL') });
    const [pid] = (await once(host.stdout.setEncoding('utf8'), 'data')) as [string];
    const engine = identityOf(Number(pid));
    expect(isRunning(engine)).toBe(true);
    host.kill('SIGKILL');
    expect(await waitUntil(() => !isRunning(engine), { withinMs: 5_000, everyMs: 20 })).toBe(true);
    // And the folder it left locked is free for the next.
    await started({ dataDirectory });
  }, 20_000);
});

describe('the history of a stream', () => {
  const partsOf = (file: string) => {
    const database = new sqlite.Database(file);
    try {
      database.exec('PRAGMA locking_mode=EXCLUSIVE');
      const plan = database.all(
        "EXPLAIN QUERY PLAN SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name='Things'",
      );
      const trigger = database.get("SELECT sql FROM sqlite_master WHERE type = 'trigger'");
      return { plan: String(plan[0]?.['detail']), trigger: String(trigger?.['sql']) };
    } finally {
      database.close();
    }
  };

  it('is searched by an index and kept within its bound', async () => {
    const dataDirectory = folder();
    const emulator = await started({ dataDirectory });
    await emulator.stop();
    const { plan, trigger } = partsOf(join(dataDirectory, 'dynamodb.db'));
    expect(plan).toContain('USING COVERING INDEX orchestra_stream_order');
    expect(trigger).toContain(`NEW.id - ${KEPT_STREAM_RECORDS}`);
  });

  it('is left alone, with the reason, where the engine lays it out otherwise', () => {
    const file = join(folder(), 'other.db');
    const database = new sqlite.Database(file);
    database.exec('CREATE TABLE _stream_records (id INTEGER PRIMARY KEY, table_name TEXT)');
    database.close();
    expect(mendStreamHistory(file)).toEqual({
      kind: 'unmended',
      reason: '_stream_records has no shard_id, sequence_number',
    });
  });

  it('is mended after a run that was killed while it mended', async () => {
    const dataDirectory = folder();
    const first = await started({ dataDirectory });
    await first.stop();
    const file = join(dataDirectory, 'dynamodb.db');
    mkdirSync(`${file}.lock`);
    expect(mendStreamHistory(file)).toEqual({ kind: 'mended' });
  });
});

describe('a data directory', () => {
  it('belongs to one stack at a time', async () => {
    const dataDirectory = folder();
    await started({ dataDirectory });
    await expect(startEmulator({ dataDirectory })).rejects.toThrow(
      `${dataDirectory} is in use by another local stack (process ${process.pid})`,
    );
  });

  it('is taken over from a process that has ended', async () => {
    const dataDirectory = folder();
    const ended = spawn(process.execPath, ['--eval', '0']);
    const identity = identityOf(ended.pid as number);
    await once(ended, 'exit');
    writeFileSync(join(dataDirectory, 'stack.lock'), JSON.stringify(identity));
    await started({ dataDirectory });
    expect(JSON.parse(readFileSync(join(dataDirectory, 'stack.lock'), 'utf8'))).toEqual(
      identityOf(process.pid),
    );
  });

  it('is taken over where another process now has the id of the one that held it', async () => {
    const dataDirectory = folder();
    const reused = { pid: process.pid, startedAt: 'an earlier boot:1' };
    writeFileSync(join(dataDirectory, 'stack.lock'), JSON.stringify(reused));
    await expect(started({ dataDirectory })).resolves.toBeDefined();
  });

  it('is refused when its tables have other keys or indexes, and says how to start fresh', async () => {
    const dataDirectory = folder();
    const first = await started({ dataDirectory });
    await first.ensureTables([table]);
    const other: TableModel = {
      ...table,
      createTable: {
        ...table.createTable,
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-colour',
            KeySchema: [{ AttributeName: 'colour', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      },
    };
    await expect(first.ensureTables([other])).rejects.toThrow(
      `the data in ${dataDirectory} was written under another schema of table Things ` +
        `(index by-colour differs): start fresh with "rm -r ${dataDirectory}"`,
    );
  });
});
