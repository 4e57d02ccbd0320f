import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../emulator/wait-until.js';
import { startStack, type StackOptions } from '../stack.js';
import { AssemblyFixture, functionResources } from '../template/assembly-fixture.js';

jest.setTimeout(60_000);

const directory = mkdtempSync(join(tmpdir(), 'order-'));
const file = join(directory, 'batches');
const assembly = new AssemblyFixture()
  .folder('follower', {
    'index.js': `const { appendFileSync } = require('node:fs');
exports.handler = async ({ Records }) =>
  appendFileSync(process.env.FILE, JSON.stringify(Records.map((r) => Number(r.dynamodb.SequenceNumber))) + '\\n');`,
  })
  .stack('Order', {
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
          StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        },
      },
      ...functionResources('Follower', 'follower', { Environment: { Variables: { FILE: file } } }),
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
          ...{ FunctionName: { Ref: 'Follower' }, StartingPosition: 'TRIM_HORIZON' },
        },
      },
    },
  })
  .finish();

afterEach(() => rmSync(file, { force: true }));
afterAll(() => {
  assembly.remove();
  rmSync(directory, { recursive: true });
});

const WRITES = 25;

/** The sequence numbers of each event that the function got of 25 items written together. */
async function batchesOf(options: Pick<StackOptions, 'streamOrder'>): Promise<number[][]> {
  const stack = await startStack({
    ...{ assemblyDirectory: assembly.directory, ephemeral: true, onNotice: () => undefined },
    ...options,
  });
  try {
    const requests = Array.from({ length: WRITES }, (_, n) => ({
      PutRequest: { Item: { pk: { S: String(n) } } },
    }));
    await fetch(stack.awsEndpointUrl, {
      method: 'POST',
      headers: {
        'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIALOCALOPERATOR000/20250101/us-east-1/dynamodb/aws4_request',
      },
      body: JSON.stringify({ RequestItems: { [stack.model.tables[0]?.name ?? '']: requests } }),
    });
    const isOver = async () => batches().flat().length >= WRITES;
    expect(await waitUntil(isOver, { withinMs: 20_000, everyMs: 20 })).toBe(true);
    return batches();
  } finally {
    await stack.stop();
  }
}

function batches(): number[][] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as number[]);
}
const rising = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

describe('the records that a function of a stack gets', () => {
  it('are in any order across items, unless it is told otherwise', async () => {
    const found = await batchesOf({});
    expect(found).not.toEqual(found.map(rising));
    expect(rising(found.flat())).toEqual(Array.from({ length: WRITES }, (_, n) => n + 1));
  });

  it('are in the order of the stream when a test needs it', async () => {
    const found = await batchesOf({ streamOrder: 'in-sequence' });
    expect(found).toEqual(found.map(rising));
  });
});
