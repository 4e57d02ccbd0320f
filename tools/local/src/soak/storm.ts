/**
 * Many workflows at once while something is killed at random all the time and some of the calls go wrong; then calm, and
 * each of them must come to its end.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isTerminalWorkflow, LIMITS } from '@orchestra/workflow-core';
import { oneOf } from '../aws-endpoint/faults-plan.js';
import { breachesOf, twiceExecuted, type Account } from './account.js';
import type { Target } from './protocol.js';
import type { Range } from './range.js';
import { RuntimeGoneError } from './supervised-runtime.js';

export interface StormOptions {
  readonly workflows: number;
  readonly seconds: number;
  /** 0 to 1: decides on whom, and when. */
  readonly random: () => number;
}

export interface StormResult {
  /** Ended in SUCCESS, and all agrees. */
  readonly held: number;
  /** FAILED as the policy says: a task lost its worker more often than one may. */
  readonly givenUp: number;
  readonly broken: readonly { readonly workflowId: string; readonly breaches: readonly string[] }[];
  /** From the last kill to the last end. */
  readonly convergedMs: number;
}

/** Who is hit how often, of a hundred. */
const WEIGHTS: readonly (readonly [Target | 'runtime', number])[] = [
  ['worker', 35],
  ['orchestrator', 25],
  ['task', 25],
  ['engine', 13],
  ['runtime', 2],
];
const CASTS = WEIGHTS.flatMap(([target, weight]) => Array.from({ length: weight }, () => target));
const PAUSE_MS = { least: 50, most: 500 } as const;
/** Starts are over when three quarters of the time are. */
const STARTING_SHARE = 0.75;
/** A task whose message was lost twice waits for the sweep's regular look, five minutes after the one before. */
const CONVERGE_WITHIN_MS = 330_000;
const LOOK_EVERY_MS = 250;

export async function storm(range: Range, options: StormOptions): Promise<StormResult> {
  const ids = Array.from({ length: options.workflows }, (_, n) => `storm-${n + 1}`);
  const starting = startAll(range, ids, options.seconds * 1000 * STARTING_SHARE);
  // It is waited for below; until then its failure must not end the process.
  starting.catch(() => undefined);
  await killAtRandom(range, options);
  await range.runtime.whenUp();
  await range.runtime.ask({ ask: 'calm' });
  const calmAt = performance.now();
  await starting;
  const late = await allEnded(range, ids, calmAt + CONVERGE_WITHIN_MS);
  const convergedMs = performance.now() - calmAt;
  return { ...(await judge(range, ids, late)), convergedMs };
}

async function startAll({ witness }: Range, ids: readonly string[], overMs: number): Promise<void> {
  const each = ids.map(async (id, index) => {
    await pause((overMs * index) / ids.length);
    await witness.start(id);
  });
  await Promise.all(each);
}

async function killAtRandom(range: Range, { seconds, random }: StormOptions): Promise<void> {
  const endAt = performance.now() + seconds * 1000;
  for (;;) {
    await pause(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least));
    if (performance.now() >= endAt) return;
    await killOne(range, oneOf(CASTS, random()), random());
  }
}

async function killOne(
  { runtime, journal }: Range,
  target: Target | 'runtime',
  draw: number,
): Promise<void> {
  await runtime.whenUp();
  if (target === 'runtime') {
    // What it has counted goes with it.
    await runtime.repairs();
    journal.killed('runtime', 1, 'at random');
    return runtime.kill();
  }
  const hit = await runtime.ask({ ask: 'kill', target, draw }).catch(noneWhenGone);
  journal.killed(target, Number(hit), 'at random');
}

function noneWhenGone(error: unknown): number {
  if (error instanceof RuntimeGoneError) return 0;
  throw error;
}

/** @returns those that have not ended in time */
async function allEnded(
  { runtime, witness }: Range,
  ids: readonly string[],
  giveUpAt: number,
): Promise<ReadonlySet<string>> {
  const open = new Set(ids);
  while (open.size > 0 && performance.now() < giveUpAt) {
    await runtime.whenUp();
    for (const id of open) {
      const status = await witness.statusOf(id);
      if (status && isTerminalWorkflow(status)) open.delete(id);
    }
    if (open.size > 0) await pause(LOOK_EVERY_MS);
  }
  return open;
}

async function judge({ witness }: Range, ids: readonly string[], late: ReadonlySet<string>) {
  const executions = witness.executions();
  const broken: { workflowId: string; breaches: readonly string[] }[] = [];
  let held = 0;
  let givenUp = 0;
  for (const workflowId of ids) {
    const account = await witness.accountOf(workflowId, executions);
    const late09 = late.has(workflowId) ? ['(I09) it has not ended in time'] : [];
    const isGivenUp = hasGivenUp(account);
    const breaches = isGivenUp ? twiceExecuted(account.executions) : breachesOf(account);
    if (late09.length + breaches.length > 0)
      broken.push({ workflowId, breaches: [...late09, ...breaches] });
    else if (isGivenUp) givenUp += 1;
    else held += 1;
  }
  return { held, givenUp, broken };
}

const hasGivenUp = ({ workflow, tasks }: Account): boolean =>
  workflow.status === 'FAILED' &&
  tasks.some(
    ({ status, reason, lost }) =>
      status === 'FAILED' && reason === 'WORKER_LOST' && lost === LIMITS.lostWorkerReruns,
  );
