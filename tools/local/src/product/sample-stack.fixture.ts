/** The product as a newcomer has it: the synthesised stacks on this machine, spoken to through the REST API. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackModel } from '../model.js';
import type { DataPlace } from '../emulator/data-directory.js';
import { startStack, type RunningStack, type StackOptions } from '../stack.js';
import { readAssembly } from '../template/read-assembly.js';

export const ASSEMBLY = join(__dirname, '../../../../infra/cdk.out');

/** As `npm start` runs it: the sweep every second, facts overlooked after two. */
export const startSample = (
  place: DataPlace = { ephemeral: true },
  options: Pick<StackOptions, 'scheduleEverySeconds' | 'functionEnvironment'> = {},
): Promise<RunningStack> =>
  startStack({
    ...place,
    assemblyDirectory: ASSEMBLY,
    scheduleEverySeconds: 1,
    onNotice: () => {},
    ...options,
    functionEnvironment: { SWEEP_GRACE_SECONDS: '2', ...options.functionEnvironment },
  });

/** What the templates say, with addresses that nothing serves. */
export const readSampleModel = (): StackModel =>
  readAssembly(ASSEMBLY, {
    region: 'us-east-1',
    accountId: '000000000000',
    localApiUrl: () => 'http://localhost:1/prod',
    localSiteUrl: () => 'http://localhost:2',
    stagingDirectory: join(__dirname, '../../dist/staged'),
  });

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function call(
  stack: RunningStack,
  path: string,
  init: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(new URL(path, stack.apiUrl), init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

export const post = (stack: RunningStack, body: unknown): Promise<Answer> =>
  call(stack, 'workflows', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

export interface SeenTask {
  readonly taskId: string;
  readonly status: string;
  readonly reason?: string;
  readonly attempt: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly error?: { type: string; message: string; trace: string[] };
}

export interface SeenWorkflow {
  readonly workflowId: string;
  readonly status: string;
  readonly tasks: readonly SeenTask[];
}

export async function start(
  stack: RunningStack,
  input: unknown,
  workflowId?: string,
): Promise<string> {
  const { status, body } = await post(stack, { input, ...(workflowId ? { workflowId } : {}) });
  if (status !== 202) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body['workflowId'] as string;
}

export async function get(stack: RunningStack, workflowId: string): Promise<SeenWorkflow> {
  const { body } = await call(stack, `workflows/${workflowId}`);
  return body as unknown as SeenWorkflow;
}

/** Asks until `holds`, at most so long. */
export async function until<Value>(
  ask: () => Promise<Value>,
  holds: (value: Value) => boolean,
  boundMs = 60_000,
): Promise<Value> {
  const deadline = Date.now() + boundMs;
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`not within ${boundMs} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const TERMINAL = ['SUCCESS', 'FAILED', 'CANCELLED'];
export const isOver = ({ status }: { status: string }) => TERMINAL.includes(status);

export const ended = (
  stack: RunningStack,
  workflowId: string,
  boundMs?: number,
): Promise<SeenWorkflow> => until(() => get(stack, workflowId), isOver, boundMs);

export interface LedgerLine {
  readonly workflowId: string;
  readonly taskId: string;
  readonly attempt: number;
}

/** What the tasks themselves noted of their executions, outside the table. */
export const ledgerOf = (stack: RunningStack): LedgerLine[] =>
  readFileSync(stack.ledgerFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerLine);

/** The sum of a metric the functions logged; 0 while none did. */
export const metricOf = (stack: RunningStack, name: string): number =>
  stack.metrics().find((metric) => metric.name === name)?.sum ?? 0;
