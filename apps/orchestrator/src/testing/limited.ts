/** Workflows of a definition with a concurrency limit, on the workbench. */
import {
  parseDefinition,
  type Line,
  type StartAnswer,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Ports } from '../ports.js';
import { startWorkflow } from '../start.js';
import { settleEnded } from '../stop.js';
import type { Bench } from './bench.js';

export const LINE: Line = { definition: 'limited', key: '' };

export const storeLimited = (
  { repository }: Bench,
  concurrency: { limit: number; key?: string },
): Promise<unknown> =>
  repository.putDefinition(
    parseDefinition({ name: 'limited', concurrency, tasks: [{ id: 'A', function: 'A' }] }),
    '2026-01-01T00:00:00.000Z',
  );

/** Each arrives a second after the one before. */
export async function arrive(
  bench: Bench,
  workflowId: string,
  input: Record<string, string> = {},
): Promise<StartAnswer> {
  bench.advanceTime(1_000);
  return startLimited(bench.ports, workflowId, input);
}

export const startLimited = (
  ports: Ports,
  workflowId: string,
  input: Record<string, string> = {},
): Promise<StartAnswer> =>
  startWorkflow(ports, { mode: 'start', workflowId, definition: { name: 'limited' }, input });

/** As a pass does that has seen its last task end, and nothing after that: its record is still to come. */
export async function finish({ repository, ports }: Bench, workflowId: string): Promise<Workflow> {
  const { epoch, definition } = (await repository.getWorkflow(workflowId)) as Workflow;
  const at = new Date(ports.now()).toISOString();
  const end = { kind: 'finish', status: 'SUCCESS', by: 'stream', staysDue: true } as const;
  await repository.apply([{ ...end, workflowId, epoch, definition, at }]);
  return (await repository.getWorkflow(workflowId)) as Workflow;
}

/** And the record has come. */
export async function complete(bench: Bench, workflowId: string): Promise<void> {
  await settleEnded(bench.ports, await finish(bench, workflowId), 'stream');
}

export async function statuses({ repository }: Bench, ids: readonly string[]): Promise<string> {
  const found = await Promise.all(ids.map((id) => repository.getWorkflow(id)));
  return found.map((workflow) => `${workflow?.workflowId}:${workflow?.status}`).join(' ');
}
