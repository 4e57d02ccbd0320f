/** A workflow started and read through the REST API, and what that cost. */
import type { Stack } from '../stack/open-stack.js';

export interface ApiCost {
  readonly requests: number;
  readonly units: number;
  /** Of the calls, the one in the middle. */
  readonly milliseconds: number;
}

const CALLS = 20;
const OVER_WITHIN_MS = 60_000;

/** The sample from its start to its end, and one read of it, each as the mean of several. */
export async function apiCosts(
  stack: Stack,
  name: string,
): Promise<{ readonly start: ApiCost; readonly get: ApiCost }> {
  // The first ones find cold functions.
  for (const n of [1, 2, 3]) await started(stack, `${name}-warm-${n}`);
  const start = await costOf(stack, (n) => started(stack, `${name}-${n}`));
  const get = await costOf(stack, async (n) => {
    const before = performance.now();
    await call(stack, `workflows/${name}-${n}`);
    return performance.now() - before;
  });
  return { start, get };
}

async function costOf(
  { running }: Stack,
  measure: (n: number) => Promise<number>,
): Promise<ApiCost> {
  running.meter.reset();
  const times: number[] = [];
  for (let n = 0; n < CALLS; n += 1) times.push(await measure(n));
  const { requests, readUnits, tableWriteUnits, indexWriteUnits } = running.meter.read();
  const sum = Object.values(requests).reduce((total, count) => total + count, 0);
  return {
    requests: sum / CALLS,
    units: (readUnits + tableWriteUnits + indexWriteUnits) / CALLS,
    milliseconds: times.sort((a, b) => a - b)[Math.floor(CALLS / 2)] as number,
  };
}

/** Milliseconds until it was accepted; returns when it is over. */
async function started(stack: Stack, workflowId: string): Promise<number> {
  const before = performance.now();
  await call(stack, 'workflows', { workflowId, input: { delayMs: 0 } });
  const milliseconds = performance.now() - before;
  const deadline = performance.now() + OVER_WITHIN_MS;
  while ((await stack.repository.getWorkflow(workflowId))?.endedAt === undefined) {
    if (performance.now() > deadline) throw new Error(`${workflowId} is not over`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return milliseconds;
}

/** @throws Error with the answer when it is no success */
async function call({ running }: Stack, path: string, body?: unknown): Promise<void> {
  const response = await fetch(new URL(path, running.apiUrl), {
    ...(body === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
}
