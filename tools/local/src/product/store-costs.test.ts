/** What tags and lists cost, in the engine's own figures. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Workflow } from '@orchestra/workflow-core';
import { openMeteredStore, type MeteredStore } from './metered-store.fixture.js';

jest.setTimeout(120_000);

const AT = '2026-01-02T03:04:05.006Z';
let store: MeteredStore;
let made = 0;
beforeAll(async () => {
  store = await openMeteredStore();
});
afterAll(() => store.close());

/** Each is a second younger than the one before. */
const newWorkflow = (changes: Partial<Workflow> = {}): Workflow => {
  made += 1;
  const number = String(made).padStart(5, '0');
  return {
    workflowId: `0b6c1f8e-7d3a-4f0e-9a52-3c8d7e6${number}`,
    status: 'RUNNING',
    version: 1,
    epoch: 1,
    definition: { name: 'diamond', revision: 1 },
    requestHash: 'hash',
    input: { kind: 'inline', json: '{}' },
    createdAt: new Date(Date.parse(AT) + made * 1_000).toISOString(),
    startedAt: AT,
    nextCheckAt: AT,
    expiresAt: 2_000_000_000,
    ...changes,
  };
};
const create = async (count: number, changes: (n: number) => Partial<Workflow>) =>
  Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const workflow = newWorkflow(changes(n));
      await store.repository.createWorkflow(workflow);
      return workflow;
    }),
  );

describe('a tag', () => {
  it('costs nothing where there is none', async () => {
    const cost = await store.costOf(() => store.repository.createWorkflow(newWorkflow()));
    expect(cost).toEqual({
      result: { kind: 'created' },
      tableWriteUnits: 1,
      indexWriteUnitsByName: { list: 1, filter: 1, due: 1 },
      readUnits: 0,
      requests: { BatchExecuteStatement: 1 },
    });
  });

  it.each([1, 3, 10])(
    'costs a unit on the table and one on the list: %i tags, and one read for all',
    async (count) => {
      const tags = Array.from({ length: count }, (_, n) => `team=${n}`);
      const workflow = newWorkflow({ tags });
      const cost = await store.costOf(() => store.repository.createWorkflow(workflow));
      expect(cost).toEqual({
        result: { kind: 'created' },
        tableWriteUnits: 1 + count,
        indexWriteUnitsByName: { list: 1 + count, filter: 1, due: 1 },
        readUnits: 1,
        requests: { BatchGetItem: 1, BatchExecuteStatement: 2 },
      });
    },
  );

  it('costs a start that comes again one read and no write', async () => {
    const workflow = newWorkflow({ tags: ['again', 'and again'] });
    await store.repository.createWorkflow(workflow);
    const { result, ...cost } = await store.costOf(() =>
      store.repository.createWorkflow({ ...workflow, createdAt: AT }),
    );
    expect(result).toEqual({ kind: 'exists', workflow });
    expect(cost).toMatchObject({ tableWriteUnits: 0, requests: { BatchGetItem: 1 } });
  });
});

describe('the listing of a tag', () => {
  it('reads the entries of a page and META of each', async () => {
    await create(60, () => ({ tags: ['listed'] }));
    const { result, readUnits, requests } = await store.costOf(() =>
      store.repository.listWorkflows({ tag: 'listed', limit: 50 }),
    );
    expect(result.items).toHaveLength(50);
    expect(requests).toEqual({ Query: 1, BatchGetItem: 1 });
    // Half a unit for 4 KB of entries, and for each META.
    expect(readUnits).toBeLessThanOrEqual(1.5 + 51 / 2);
  });

  it('reads only so far for what its entries do not tell, and goes on behind it', async () => {
    const workflows = await create(60, () => ({ tags: ['searched'] }));
    const oldest = workflows[0] as Workflow;
    await store.repository.apply([
      {
        kind: 'finish',
        ...{ workflowId: oldest.workflowId, epoch: 1, definition: oldest.definition },
        ...{ status: 'FAILED', by: 'stream', at: AT },
      },
    ]);
    const query = { tag: 'searched', status: 'FAILED', limit: 5 } as const;
    const { result, requests } = await store.costOf(() => store.repository.listWorkflows(query));
    expect(result.items).toEqual([]);
    expect(requests).toEqual({ Query: 4, BatchGetItem: 4 });
    const found = await store.repository.listWorkflows({ ...query, cursor: result.cursor ?? '' });
    expect(found.items.map(({ workflowId }) => workflowId)).toEqual([oldest.workflowId]);
    expect(found.cursor).toBeUndefined();
  });

  it('reads no META of what another definition is told by the entry', async () => {
    const [mine] = await create(20, (n) => ({
      tags: ['shared'],
      definition: { name: n === 0 ? 'mine' : 'theirs', revision: 1 },
    }));
    const { result, readUnits } = await store.costOf(() =>
      store.repository.listWorkflows({ tag: 'shared', definition: 'mine', limit: 50 }),
    );
    expect(result.items.map(({ workflowId }) => workflowId)).toEqual([mine?.workflowId]);
    expect(readUnits).toBeLessThanOrEqual(1.5);
  });

  it('leaves out the entry of a start that died before META', async () => {
    await store.client.send(
      new PutItemCommand({
        TableName: store.tableName,
        Item: {
          pk: { S: 'WORKFLOW#never' },
          sk: { S: `#TAG#orphan#${AT}` },
          list: { S: 'TAG#orphan' },
          listKey: { S: `${AT}#never` },
          definition: { S: 'diamond' },
          revision: { N: '1' },
        },
      }),
    );
    const { result, readUnits } = await store.costOf(() =>
      store.repository.listWorkflows({ tag: 'orphan', limit: 50 }),
    );
    expect(result).toEqual({ items: [] });
    expect(readUnits).toBeLessThanOrEqual(1);
  });
});

describe('a page of a list that many partitions hold', () => {
  const NAMES = Array.from({ length: 40 }, (_, n) => `definition-${n}`);
  beforeAll(async () => {
    for (const name of NAMES) {
      const definition = { name, tasks: [{ id: 'A', function: 'A' }] };
      await store.repository.putDefinition(definition, AT);
      await create(60, (n) => ({
        definition: { name, revision: 1 },
        createdAt: `2027-01-01T00:00:${String(n % 60).padStart(2, '0')}.000Z`,
      }));
    }
  });

  it('reads the least of each when all are alike', async () => {
    const { result, readUnits, requests } = await store.costOf(() =>
      store.repository.listWorkflows({ status: 'RUNNING', limit: 50 }),
    );
    expect(result.items).toHaveLength(50);
    // The names, and one look at each definition.
    expect(requests).toEqual({ Query: 1 + NAMES.length });
    expect(readUnits).toBeLessThanOrEqual(1.5 + 0.5 * 1.5 * NAMES.length);
  });

  it('reads on where the page lies in one of them', async () => {
    await create(60, (n) => ({
      definition: { name: 'definition-7', revision: 1 },
      createdAt: `2028-01-01T00:00:${String(n % 60).padStart(2, '0')}.000Z`,
    }));
    const { result, requests } = await store.costOf(() =>
      store.repository.listWorkflows({ status: 'RUNNING', limit: 50 }),
    );
    expect(new Set(result.items.map(({ definition }) => definition.name))).toEqual(
      new Set(['definition-7']),
    );
    expect(requests).toEqual({ Query: 2 + NAMES.length });
  });

  it('reads nothing outside its bounds', async () => {
    const { result, readUnits } = await store.costOf(() =>
      store.repository.listWorkflows({
        definition: 'definition-3',
        from: '2027-01-01T00:00:10.000Z',
        to: '2027-01-01T00:00:14.000Z',
        limit: 50,
      }),
    );
    expect(result.items).toHaveLength(4);
    expect(result.cursor).toBeUndefined();
    // Half a unit for each status: there is no less.
    expect(readUnits).toBeLessThanOrEqual(2.5);
  });
});
