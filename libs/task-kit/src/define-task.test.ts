import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTask, InvalidTaskPayloadError, type TaskContext } from './index.js';

const context: TaskContext = {
  functionName: 'resize',
  awsRequestId: 'r-1',
  getRemainingTimeInMillis: () => 1_000,
};
const payload = {
  workflowId: 'w-1',
  taskId: 'resize',
  attempt: 1,
  idempotencyKey: 'w-1/resize',
  input: { width: 7 },
  dependencies: { fetch: 'bytes' },
};
const noLedger = { ledgerPath: undefined, executionEnvironment: undefined, isContainer: false };

describe('running a task', () => {
  it('hands the payload and the context over and answers what the task returns', async () => {
    const handler = defineTask(
      { name: 'resize' },
      (received, { functionName }) => ({ received, functionName }),
      noLedger,
    );
    expect(await handler(payload, context)).toEqual({ received: payload, functionName: 'resize' });
  });

  it('gives the task the types its parsers make', async () => {
    const handler = defineTask(
      {
        name: 'resize',
        input: (value) => Number((value as { width: unknown }).width),
        dependencies: ({ fetch }) => String(fetch).toUpperCase(),
      },
      ({ input, dependencies }) => input.toFixed(1) + dependencies,
      noLedger,
    );
    expect(await handler(payload, context)).toBe('7.0BYTES');
  });

  it('lets the error of a task through as it is', async () => {
    const failure = new RangeError('too wide');
    const handler = defineTask(
      { name: 'resize' },
      () => {
        throw failure;
      },
      noLedger,
    );
    await expect(handler(payload, context)).rejects.toBe(failure);
  });

  it('takes a task without dependencies', async () => {
    const handler = defineTask({ name: 'resize' }, (received) => received.dependencies, noLedger);
    expect(await handler({ ...payload, dependencies: undefined }, context)).toEqual({});
  });
});

describe('an event no worker sends', () => {
  const handler = defineTask({ name: 'resize' }, () => 'ran', noLedger);

  it.each([undefined, null, 'text', 7, [payload]])('refuses %j', async (event) => {
    await expect(handler(event, context)).rejects.toThrow(InvalidTaskPayloadError);
  });

  it('names every problem at once', async () => {
    await expect(handler({ attempt: 0.5, dependencies: [] }, context)).rejects.toMatchObject({
      name: 'InvalidTaskPayloadError',
      problems: [
        'workflowId must be a text',
        'taskId must be a text',
        'idempotencyKey must be a text',
        'attempt must be a whole number from 1',
        'dependencies must be an object',
      ],
    });
  });
});

describe('keeping the ledger', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ledger-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const lines = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n');

  it('has the line of an execution before its work starts', async () => {
    const ledgerPath = join(folder, 'ledger');
    const sizeAtWork = await defineTask({ name: 'resize' }, () => statSync(ledgerPath).size, {
      ...noLedger,
      ledgerPath,
    })(payload, context);
    expect(sizeAtWork).toBe(statSync(ledgerPath).size);
    expect(lines(ledgerPath).map((line) => JSON.parse(line))).toEqual([
      {
        workflowId: 'w-1',
        taskId: 'resize',
        attempt: 1,
        requestId: 'r-1',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    ]);
  });

  it('adds one line for each execution, failed ones too', async () => {
    const ledgerPath = join(folder, 'ledger');
    const handler = defineTask(
      { name: 'resize', input: () => JSON.parse('{') as unknown },
      () => 'never',
      { ...noLedger, ledgerPath },
    );
    await expect(handler(payload, context)).rejects.toThrow(SyntaxError);
    await expect(handler({ ...payload, attempt: 2 }, context)).rejects.toThrow(SyntaxError);
    expect(lines(ledgerPath).map((line) => JSON.parse(line).attempt)).toEqual([1, 2]);
  });

  it('fails the attempt when the file cannot be written, so that no execution goes unseen', async () => {
    const handler = defineTask({ name: 'resize' }, () => 'ran', {
      ...noLedger,
      ledgerPath: folder,
    });
    await expect(handler(payload, context)).rejects.toThrow(/EISDIR/);
  });
});
