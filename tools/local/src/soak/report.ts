/** A run under faults, told to a person. */
import type { Journal } from './journal.js';
import type { Shot } from './protocol.js';
import type { Range } from './range.js';

export const nameOf = ({ label, side, victim }: Shot): string =>
  `SIGKILL of the ${victim} ${side} ${label}`;

export function tallyLine({ tally }: Journal): string {
  return `kills: ${counts(tally.kills)}; faults: ${counts(tally.faults)}`;
}

export interface Breach {
  readonly workflowId: string;
  readonly breaches: readonly string[];
}

/** All that was seen of a workflow of which something does not hold. */
export async function evidenceOf(range: Range, { workflowId, breaches }: Breach): Promise<string> {
  const items = await range.witness.itemsOf(workflowId).catch((error: unknown) => [String(error)]);
  const executions = range.witness.executions().filter((each) => each.workflowId === workflowId);
  return [
    `${workflowId} does not hold:`,
    ...breaches,
    'its items:',
    ...items.map((item) => JSON.stringify(item)),
    'its executions:',
    ...executions.map((execution) => JSON.stringify(execution)),
  ].join('\n');
}

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ') || 'none';
