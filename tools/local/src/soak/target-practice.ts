/**
 * One workflow for each shot: started, shot at its labelled point, and left to come to its end while the next one runs. A
 * point that a run did not come to, or a kill that hit nobody, is tried again with another workflow.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isTerminalWorkflow } from '@orchestra/workflow-core';
import * as z from 'zod';
import { breachesOf } from './account.js';
import { SIDES, VICTIMS, type Shot } from './protocol.js';
import type { Range } from './range.js';
import { RuntimeGoneError } from './supervised-runtime.js';
import type { Witness } from './witness.js';

export interface Labels {
  /** Come to by a run whose sandboxes are warm, in the order they were. */
  readonly warm: readonly string[];
  /** Only by one that starts cold. */
  readonly cold: readonly string[];
}

/** What became of a shot; `missed`: no run came to its point, or whoever was to be hit was not there. */
export type Result =
  | { readonly kind: 'held'; readonly tookMs: number }
  | { readonly kind: 'missed' }
  | { readonly kind: 'broken'; readonly workflowId: string; readonly breaches: readonly string[] };

export interface Shooting {
  readonly shots: readonly Shot[];
  readonly labels: Labels;
  readonly onResult: (shot: Shot, result: Result) => void;
}

/** Milliseconds within which a workflow ends once nothing more is done to it: leases of 2 s, a few of them. */
const CONVERGE_WITHIN_MS = 30_000;
const CLEAN_RUNS = 3;
const TRIES = 4;
/** Workflows on their way to their end while the next one is shot at. */
const IN_FLIGHT = 4;
const LOOK_EVERY_MS = 25;

const labelsSchema = z.array(z.string());

/** Of clean runs: one from cold, then some that are warm. A slow one sees more sweeps; they are no other points. */
export async function enumerateLabels(range: Range): Promise<Labels> {
  await range.runtime.ask({ ask: 'chill' });
  const first = await cleanRun(range, 'clean-cold');
  const warm = new Set<string>();
  for (let n = 1; n <= CLEAN_RUNS; n += 1)
    for (const label of await cleanRun(range, `clean-warm-${n}`)) warm.add(label);
  const known = new Set([...warm].map(withoutOrdinal));
  return { warm: [...warm], cold: first.filter((label) => !known.has(withoutOrdinal(label))) };
}

const withoutOrdinal = (label: string) => label.replace(/ #\d+$/, '');

export const shotsAt = ({ warm, cold }: Labels): readonly Shot[] =>
  VICTIMS.flatMap((victim) =>
    [...warm, ...cold].flatMap((label) => SIDES.map((side) => ({ label, side, victim }))),
  );

export async function shoot(range: Range, { shots, labels, onResult }: Shooting): Promise<void> {
  const flying = new Set<Promise<void>>();
  const land = async () => void (await Promise.all(flying));
  for (const [index, shot] of shots.entries()) {
    const isCold = labels.cold.includes(shot.label);
    // These hit every workflow there is, and no task may lose its worker more than a few times.
    if (isCold || shot.victim === 'runtime') await land();
    while (flying.size >= IN_FLIGHT) await Promise.race(flying);
    const workflowId = await hit(range, shot, { isCold, name: `shot-${index + 1}` });
    if (workflowId === undefined) {
      onResult(shot, { kind: 'missed' });
      continue;
    }
    const flight = settle(range, workflowId)
      .then((result) => onResult(shot, result))
      .finally(() => flying.delete(flight));
    flying.add(flight);
    if (isCold || shot.victim === 'runtime') await land();
  }
  await land();
}

async function cleanRun(range: Range, workflowId: string): Promise<readonly string[]> {
  const { runtime, witness } = range;
  await runtime.ask({ ask: 'watch', workflowId });
  await witness.start(workflowId);
  const result = await settle(range, workflowId);
  if (result.kind !== 'held')
    throw new Error(`a clean run does not hold: ${JSON.stringify(result)}`);
  return labelsSchema.parse(await runtime.ask({ ask: 'labels' }));
}

/** @returns the workflow in which it hit; undefined: in none */
async function hit(
  range: Range,
  shot: Shot,
  { isCold, name }: { readonly isCold: boolean; readonly name: string },
): Promise<string | undefined> {
  const { runtime, witness, journal } = range;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const workflowId = `${name}-${attempt}`;
    await runtime.whenUp();
    // What a runtime has counted goes with it.
    if (shot.victim === 'runtime') await runtime.repairs();
    if (isCold) await runtime.ask({ ask: 'chill' });
    await runtime.ask({ ask: 'watch', workflowId });
    journal.armed();
    await runtime.ask({ ask: 'arm', shot });
    await witness.start(workflowId);
    await firedOrEnded(range, workflowId);
    await disarm(range);
    if ((journal.hit ?? 0) > 0) return workflowId;
  }
  return undefined;
}

async function firedOrEnded({ witness, journal }: Range, workflowId: string): Promise<void> {
  const giveUpAt = performance.now() + CONVERGE_WITHIN_MS;
  while (journal.hit === undefined && performance.now() < giveUpAt) {
    const status = await witness.statusOf(workflowId);
    if (status && isTerminalWorkflow(status)) return;
    await pause(LOOK_EVERY_MS);
  }
}

/** The shot may be taken at this very moment. */
async function disarm({ runtime }: Range): Promise<void> {
  await runtime.whenUp();
  await runtime.ask({ ask: 'disarm' }).catch((error: unknown) => {
    if (!(error instanceof RuntimeGoneError)) throw error;
  });
  await runtime.whenUp();
}

/** Its end, in time, and whether all agrees then. */
async function settle({ runtime, witness }: Range, workflowId: string): Promise<Result> {
  const beganAt = performance.now();
  for (;;) {
    await runtime.whenUp();
    const status = await witness.statusOf(workflowId);
    const tookMs = performance.now() - beganAt;
    if (status && isTerminalWorkflow(status)) {
      const breaches = breachesOf(await accountOf(witness, workflowId));
      return breaches.length > 0
        ? { kind: 'broken', workflowId, breaches }
        : { kind: 'held', tookMs };
    }
    if (tookMs > CONVERGE_WITHIN_MS) {
      const line = `(I09) after ${Math.round(tookMs)} ms it is ${status ?? 'not there'}`;
      return { kind: 'broken', workflowId, breaches: [line] };
    }
    await pause(LOOK_EVERY_MS);
  }
}

const ACCOUNT_TRIES = 20;

/** The engine may be killed for another workflow in the midst of it. */
async function accountOf(witness: Witness, workflowId: string) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await witness.accountOf(workflowId);
    } catch (error) {
      if (attempt === ACCOUNT_TRIES) throw error;
      await pause(LOOK_EVERY_MS * attempt);
    }
  }
}
