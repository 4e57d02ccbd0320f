import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { RecordsForgottenError, workflowIdsOf } from './failure-queue-stream.js';

const streamArn = 'arn:aws:dynamodb:eu-central-1:111111111111:table/T/stream/2030';
const range = (from: number, to: number) => ({
  ...{ streamArn, shardId: 's1', from: String(from), to: String(to), count: 2 },
});
type Row = readonly [sequenceNumber: number, pk: string];

/** A stream in small: pages of it, the same from wherever it is read. */
let pages: readonly (readonly Row[])[];
let refusal: string | undefined;
let asked: unknown[];
let server: Server;
let client: DynamoDBStreamsClient;

beforeEach(async () => {
  asked = [];
  refusal = undefined;
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = JSON.parse(Buffer.concat(parts).toString()) as { ShardIterator?: string };
    if (refusal !== undefined) {
      const document = { __type: `com.amazonaws.dynamodb.v20120810#${refusal}`, message: 'no' };
      return void response.writeHead(400).end(JSON.stringify(document));
    }
    asked.push(body);
    response.end(JSON.stringify(body.ShardIterator ? page(Number(body.ShardIterator)) : first()));
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  client = new DynamoDBStreamsClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ region: 'eu-central-1', maxAttempts: 1 },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterEach(async () => {
  client.destroy();
  await new Promise((closed) => server.close(closed));
});

const first = () => ({ ShardIterator: '0' });
const page = (at: number) => ({
  Records: (pages[at] ?? []).map(([sequenceNumber, pk]) => ({
    dynamodb: { SequenceNumber: String(sequenceNumber), Keys: { pk: { S: pk } } },
  })),
  ...(at + 1 < pages.length && { NextShardIterator: String(at + 1) }),
});
const idsIn = (from: number, to: number) =>
  workflowIdsOf(range(from, to), { client, interrupted: new AbortController().signal });

describe('reading again what a mapping gave up on', () => {
  it('tells whose the records are, each workflow once, over empty pages and up to the last', async () => {
    pages = [
      [
        [7, 'WORKFLOW#a'],
        [8, 'DEFINITION#d'],
      ],
      [],
      [
        [9, 'WORKFLOW#b'],
        [10, 'WORKFLOW#a'],
        [11, 'WORKFLOW#later'],
      ],
      [[12, 'WORKFLOW#later']],
    ];
    expect(await idsIn(7, 10)).toEqual(['a', 'b']);
    expect(asked).toHaveLength(4);
    expect(asked[0]).toEqual({
      ...{ StreamArn: streamArn, ShardId: 's1' },
      ...{ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '7' },
    });
  });

  it('ends where the shard ends', async () => {
    pages = [[[7, 'WORKFLOW#a']]];
    expect(await idsIn(7, 10)).toEqual(['a']);
  });

  it.each(['TrimmedDataAccessException', 'ResourceNotFoundException'])(
    'says that the stream has forgotten them on %s',
    async (name) => {
      refusal = name;
      await expect(idsIn(7, 10)).rejects.toBeInstanceOf(RecordsForgottenError);
    },
  );

  it('says so too when the stream goes on with later ones', async () => {
    pages = [[[9, 'WORKFLOW#b']]];
    await expect(idsIn(7, 10)).rejects.toBeInstanceOf(RecordsForgottenError);
  });

  it('does not take another refusal for that', async () => {
    refusal = 'AccessDeniedException';
    await expect(idsIn(7, 10)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
