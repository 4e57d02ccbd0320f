import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { defineTask, InvalidTaskPayloadError, type InvocationContext } from './index.js';

const context: InvocationContext = {
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

const resize = defineTask({ function: 'resize' });

describe('running a task', () => {
  it('hands the input and the context over and answers what the task returns', async () => {
    const { input, ...attempt } = payload;
    const handler = resize.handler(
      (received, { getRemainingTimeInMillis, ...rest }) => ({
        received,
        rest,
        milliseconds: getRemainingTimeInMillis(),
      }),
      noLedger,
    );
    expect(await handler(payload, context)).toEqual({
      received: input,
      rest: { ...attempt, functionName: 'resize', awsRequestId: 'r-1' },
      milliseconds: 1_000,
    });
  });

  it('lets the error of a task through as it is', async () => {
    const failure = new RangeError('too wide');
    const handler = resize.handler(() => {
      throw failure;
    }, noLedger);
    await expect(handler(payload, context)).rejects.toBe(failure);
  });

  it('takes a task without dependencies', async () => {
    const handler = resize.handler((_, { dependencies }) => dependencies, noLedger);
    expect(await handler({ ...payload, dependencies: undefined }, context)).toEqual({});
  });
});

describe('keeping to the contract', () => {
  const typed = defineTask({
    function: 'resize',
    input: z.object({ width: z.number(), unit: z.string().default('px') }),
    output: z.object({ text: z.string(), parts: z.array(z.int()).max(2).optional() }),
  });

  it('gives the task the input its schema makes, and answers the output its schema makes', async () => {
    const handler = typed.handler(
      ({ width, unit }) => ({ text: width.toFixed(1) + unit, more: 'left out' }),
      noLedger,
    );
    expect(await handler(payload, context)).toEqual({ text: '7.0px' });
  });

  it('fails the task with every issue of its input, and runs nothing', async () => {
    let ran = 0;
    const handler = typed.handler(() => ({ text: String(++ran) }), noLedger);
    const input = { unit: 5 };
    await expect(handler({ ...payload, input }, context)).rejects.toMatchObject({
      name: 'InvalidInput',
      issues: [{ path: 'input.width' }, { path: 'input.unit' }],
      message: expect.stringMatching(
        /^resize does not take this input: input\.width: .*; input\.unit: /,
      ),
    });
    expect(ran).toBe(0);
  });

  it('fails the task with every issue of its output', async () => {
    const handler = typed.handler(() => ({ text: 'a', parts: [1, 0.5] }), noLedger);
    await expect(handler(payload, context)).rejects.toMatchObject({
      name: 'InvalidOutput',
      issues: [{ path: 'output.parts[1]' }],
    });
  });

  it('waits for checks that take their time', async () => {
    const input = z.object({ width: z.number().refine(async (width) => width < 7, 'too wide') });
    const handler = defineTask({ function: 'resize', input }).handler(() => 'never', noLedger);
    await expect(handler(payload, context)).rejects.toMatchObject({
      issues: [{ path: 'input.width', message: 'too wide' }],
    });
  });
});

describe('an event no worker sends', () => {
  const handler = resize.handler(() => 'ran', noLedger);

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
    const handler = resize.handler(() => statSync(ledgerPath).size, { ...noLedger, ledgerPath });
    const sizeAtWork = await handler(payload, context);
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
    const handler = defineTask({ function: 'resize', input: z.string() }).handler(() => 'never', {
      ...noLedger,
      ledgerPath,
    });
    await expect(handler(payload, context)).rejects.toThrow('does not take');
    await expect(handler({ ...payload, attempt: 2 }, context)).rejects.toThrow('does not take');
    expect(lines(ledgerPath).map((line) => JSON.parse(line).attempt)).toEqual([1, 2]);
  });

  it('fails the attempt when the file cannot be written, so that no execution goes unseen', async () => {
    const handler = resize.handler(() => 'ran', { ...noLedger, ledgerPath: folder });
    await expect(handler(payload, context)).rejects.toThrow(/EISDIR/);
  });
});
