/** A runtime to be shot at, on data of its own that is gone afterwards, and all that watches it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stoppable } from '../runtime.js';
import { Journal } from './journal.js';
import type { Settings } from './protocol.js';
import { SupervisedRuntime } from './supervised-runtime.js';
import { Witness } from './witness.js';

export interface Range extends Stoppable {
  readonly runtime: SupervisedRuntime;
  readonly witness: Witness;
  readonly journal: Journal;
}

/** Leases of two seconds, and a sweep that looks as early as it may. */
const SHORT_LEASES = {
  TASK_TIMEOUT_SECONDS: '1',
  LEASE_MARGIN_SECONDS: '1',
  SWEEP_GRACE_SECONDS: '1',
  FIRST_CHECK_SECONDS: '1',
} as const;

export async function openRange(
  assemblyDirectory: string,
  faults: Settings['faults'],
): Promise<Range> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'orchestra-soak-'));
  const remove = () => rmSync(dataDirectory, { recursive: true, force: true });
  const journal = new Journal();
  const settings = { dataDirectory, assemblyDirectory, environment: SHORT_LEASES, faults };
  let runtime: SupervisedRuntime | undefined;
  try {
    runtime = await SupervisedRuntime.start(settings, journal);
    const witness = new Witness(runtime);
    await witness.prepare();
    return { runtime, witness, journal, stop: () => close(runtime, witness).finally(remove) };
  } catch (error) {
    await runtime?.stop();
    remove();
    throw error;
  }
}

async function close(runtime: SupervisedRuntime | undefined, witness: Witness): Promise<void> {
  witness.close();
  await runtime?.stop();
}
