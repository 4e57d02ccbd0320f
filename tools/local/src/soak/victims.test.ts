import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { startEmulator, type Emulator } from '../emulator/emulator.js';
import { engineClient } from '../emulator/engine-client.js';
import { FunctionFixtures, isAlive, until } from '../functions/function-fixtures.js';
import type { TableModel } from '../model.js';
import { killEngine, killSandboxes, VoidKillError } from './victims.js';

jest.setTimeout(60_000);

const table: TableModel = {
  name: 'Things',
  arn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/Things',
  createTable: {
    TableName: 'Things',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  },
};

describe('killing the engine', () => {
  const running: { stop(): Promise<void> }[] = [];
  afterAll(() => Promise.all(running.map((each) => each.stop())));

  it('is seen at its port, more often than an engine may end by itself, and loses no answered write', async () => {
    const restarts = { most: 100, afterMs: 100 };
    const emulator = await startEmulator({
      ...{ ephemeral: true, engineRestarts: restarts },
      onNotice: () => undefined,
    });
    const client = engineClient(emulator.url);
    running.push(emulator, { stop: async () => client.destroy() });
    await emulator.ensureTables([table]);
    const names = Array.from({ length: 7 }, (_, n) => ({ pk: { S: `write ${n}` } }));
    for (const Item of names) {
      await client.send(new PutItemCommand({ TableName: 'Things', Item }));
      const killed = emulator.pid();
      expect(await killEngine(emulator)).toBe(true);
      await until(() => ![undefined, killed].includes(emulator.pid()));
    }
    for (const Key of names) {
      const { Item } = await client.send(new GetItemCommand({ TableName: 'Things', Key }));
      expect(Item).toEqual(Key);
    }
  });

  it('hits nobody while there is none', async () => {
    const none = { url: 'http://127.0.0.1:1', pid: () => undefined } as Emulator;
    expect(await killEngine(none)).toBe(false);
  });

  it('proves nothing where another process answers on its port, and says so', async () => {
    const leftOver = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(leftOver, 'listening');
    const child = spawn('sleep', ['60']);
    const { port } = leftOver.address() as AddressInfo;
    const engine = { url: `http://127.0.0.1:${port}`, pid: () => child.pid } as Emulator;
    running.push({ stop: async () => void leftOver.close() });
    await expect(killEngine(engine)).rejects.toBeInstanceOf(VoidKillError);
  });
});

describe('killing sandboxes', () => {
  const fixtures = new FunctionFixtures();
  afterAll(() => fixtures.remove());
  const waits = fixtures.node(
    'waits',
    'export const handler = (event) => event.wait ? new Promise((r) => setTimeout(r, 60_000)) : 1;',
  );
  const other = fixtures.node('other', 'export const handler = async () => 1;');

  it('hits the one that has the invocation, and no other', async () => {
    const functions = await fixtures.start([waits, other]);
    await functions.invoke(other.name, '{}');
    const cut = ['a', 'b'].map((name) =>
      functions.invoke(waits.name, '{"wait":true}', { traceHeader: `Root=${name}` }),
    );
    const atWork = () => functions.sandboxes().filter(({ traceHeader }) => traceHeader);
    await until(() => atWork().length === 2);
    const [victim, spared] = atWork();
    const actor = { functionName: waits.name, traceHeader: victim?.traceHeader ?? '' };
    expect(killSandboxes(functions, actor)).toBe(1);
    expect(await Promise.race(cut)).toMatchObject({ functionError: 'Unhandled' });
    expect(isAlive(victim?.pid ?? 0)).toBe(false);
    expect(isAlive(spared?.pid ?? 0)).toBe(true);
    expect(functions.sandboxes().map(({ functionName }) => functionName)).toContain(other.name);
    await functions.stop();
    await Promise.allSettled(cut);
  });

  it('hits those that idle where nobody has the event yet, and the next event runs all the same', async () => {
    const functions = await fixtures.start([other]);
    await functions.invoke(other.name, '{}');
    await until(() => functions.stats().functions.every(({ idle }) => idle === 1));
    expect(killSandboxes(functions, { functionName: other.name })).toBe(1);
    await until(() => functions.sandboxes().length === 0);
    expect(await functions.invoke(other.name, '{}')).toMatchObject({ payload: '1' });
  });
});
