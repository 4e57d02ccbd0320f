/** The sweep's look at a workflow that waits for a place. */
import { LIMITS, arrivalOf, lineOf, type Workflow } from '@orchestra/workflow-core';
import { admit, enqueue, freeDeadPlaces, look } from './places.js';
import type { Ports } from './ports.js';
import { stopWorkflow } from './stop.js';

/** So many of a line are looked at often, and look for dead holders; the others wait for them anyway. */
const FIRST = 3;
const LONGEST_MS = 10 * 60_000;

/** How many repairs it took: letting in who is next is none. */
export async function checkWaiting(
  ports: Ports,
  workflow: Workflow,
  graceMs: number,
): Promise<number> {
  const line = lineOf(workflow);
  const arrival = arrivalOf(workflow);
  const waitedMs = ports.now() - Date.parse(arrival.since);
  // Whoever started it may be at it at this moment.
  if (!line || waitedMs < graceMs) return 0;
  if (await isTooLate(ports, workflow)) {
    await stopWorkflow(ports, workflow, { status: 'FAILED', by: 'sweep' });
    return 0;
  }
  const isInLine = await ports.places.isInLine(line, arrival);
  const { view } = await look(ports, line, workflow);
  const isFirst = view.waiting
    .slice(0, FIRST)
    .some(({ workflowId }) => workflowId === workflow.workflowId);
  const freed = isFirst ? await freeDeadPlaces(ports, line, view) : 0;
  if (isInLine) await admit(ports, line, workflow);
  else await enqueue(ports, workflow);
  await lookLater(ports, workflow, isFirst ? 0 : waitedMs);
  return freed + (isInLine ? 0 : 1);
}

/** Its items would expire before it could run to its deadline. */
async function isTooLate(ports: Ports, { definition, expiresAt }: Workflow): Promise<boolean> {
  const graph = await ports.graph(definition);
  const { timeoutSeconds = LIMITS.workflowTimeoutSeconds.default } = graph.definition;
  return ports.now() + timeoutSeconds * 1000 > expiresAt * 1000;
}

/** Who waits long is looked at seldom: each wait is as long as all before it together. Nothing if it is let in by now. */
async function lookLater(
  ports: Ports,
  { workflowId, epoch, version }: Workflow,
  waitedMs: number,
): Promise<void> {
  const delayMs = Math.min(Math.max(waitedMs, ports.settings.firstCheckMs), LONGEST_MS);
  const nextCheckAt = new Date(ports.now() + delayMs).toISOString();
  await ports.repository.apply([
    { kind: 'check', workflowId, epoch, version, status: 'PENDING', nextCheckAt },
  ]);
}
