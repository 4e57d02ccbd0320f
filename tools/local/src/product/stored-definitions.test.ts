/** Definitions as the engine keeps them: as large as they may be, and as earlier versions of the product wrote them. */
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { LIMITS, diamond, type Definition } from '@orchestra/workflow-core';
import { openMeteredStore, type MeteredStore } from './metered-store.fixture.js';

jest.setTimeout(120_000);

const AT = '2026-01-02T03:04:05.006Z';
let store: MeteredStore;
beforeAll(async () => {
  store = await openMeteredStore();
});
afterAll(() => store.close());

describe('a definition of 10,000 tasks', () => {
  /** Each task depends on up to four before it, as layers do, and has a retry and an input. */
  const layered: Definition = {
    name: 'layered',
    tasks: Array.from({ length: LIMITS.tasksPerWorkflow }, (_, n) => ({
      id: `task-${n}`,
      function: 'A',
      dependsOn: [1, 2, 3, 4].flatMap((back) => (n >= back * 7 ? [`task-${n - back * 7}`] : [])),
      retry: {
        ...{ maxAttempts: 3, intervalSeconds: 1, backoffRate: 2, jitter: 'NONE' as const },
        ...{ retryOn: ['*'], doNotRetryOn: [] },
      },
      input: { row: `{% tasks.\`task-${n}\`.output.rows[${n}] %}` },
    })),
  };

  it('is stored and given back whole, in a few parts', async () => {
    const { name } = layered;
    const stored = await store.costOf(() => store.repository.putDefinition(layered, AT));
    expect(stored.result).toEqual({ revision: 1, created: true });
    const read = await store.costOf(() => store.repository.getDefinition({ name, revision: 1 }));
    expect(read.result).toEqual(layered);
    expect(read.requests['GetItem']).toBeLessThanOrEqual(4);
  });

  it('is compared and listed by a head that costs a unit to read', async () => {
    const { name } = layered;
    const again = await store.costOf(() => store.repository.putDefinition(layered, AT));
    expect(again).toMatchObject({
      result: { revision: 1, created: false },
      ...{ readUnits: 1, tableWriteUnits: 0 },
    });
    const newest = await store.costOf(() => store.repository.latestRevision(name));
    expect(newest).toMatchObject({ result: { taskCount: 10_000, createdAt: AT }, readUnits: 1 });
  });
});

describe('a definition that rivals store at once', () => {
  it('is whole under every revision, whoever came first', async () => {
    const name = 'rivals';
    const rivals = Array.from({ length: 4 }, (): Definition => ({
      name,
      tasks: Array.from({ length: 300 }, (_, n) => ({
        id: `T${n}`,
        function: 'A',
        input: randomUUID(),
      })),
    }));
    const answers = await Promise.all(
      [...rivals, ...rivals].map((rival) => store.repository.putDefinition(rival, AT)),
    );
    for (const [index, { revision }] of answers.entries())
      expect(await store.repository.getDefinition({ name, revision })).toEqual(
        rivals[index % rivals.length],
      );
  });
});

describe('a definition of the first shape', () => {
  const old = { ...diamond, name: 'old', description: 'kept' };
  const put = (item: Record<string, AttributeValue>) =>
    store.client.send(new PutItemCommand({ TableName: store.tableName, Item: item }));
  beforeAll(async () => {
    await put({ pk: { S: 'DEFINITIONS' }, sk: { S: 'old' } });
    await put({
      pk: { S: 'DEFINITION#old' },
      sk: { S: 'REVISION#00000001' },
      hash: { S: 'of its text as it stood' },
      body: { B: gzipSync(JSON.stringify(old)) },
    });
  });

  it('is read as ever, and listed without the time it came', async () => {
    const { repository } = store;
    const summary = {
      ...{ name: 'old', revision: 1, description: 'kept', taskCount: old.tasks.length },
      createdAt: '1970-01-01T00:00:00.000Z',
    };
    expect(await repository.getDefinition({ name: 'old', revision: 1 })).toEqual(old);
    expect(await repository.latestRevision('old')).toEqual(summary);
    expect(await repository.listRevisions({ name: 'old', limit: 9 })).toEqual({ items: [summary] });
    const { items } = await repository.listDefinitions({ limit: 9 });
    expect(items.find(({ name }) => name === 'old')).toEqual(summary);
  });

  it('is no other for being stored again, and has revisions after it', async () => {
    const { repository } = store;
    expect(await repository.putDefinition(old, AT)).toEqual({ revision: 1, created: false });
    const next = { ...old, description: 'next' };
    expect(await repository.putDefinition(next, AT)).toEqual({ revision: 2, created: true });
    expect(await repository.getDefinition({ name: 'old', revision: 1 })).toEqual(old);
  });
});

describe('a name without a revision', () => {
  it('is not listed: whoever wrote it has not come further', async () => {
    await store.client.send(
      new PutItemCommand({
        TableName: store.tableName,
        Item: { pk: { S: 'DEFINITIONS' }, sk: { S: 'unfinished' } },
      }),
    );
    const { items } = await store.repository.listDefinitions({ limit: 9 });
    expect(items.map(({ name }) => name)).not.toContain('unfinished');
    expect(await store.repository.latestRevision('unfinished')).toBeUndefined();
  });
});
