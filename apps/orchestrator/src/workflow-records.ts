/** Stream records of META: workflows that a table write started, and workflows that ended and have duties. */
import { isTerminalWorkflow, type Workflow } from '@orchestra/workflow-core';
import { startFromTable } from './from-table.js';
import type { Ports } from './ports.js';
import { isUnsettled, settleEnded } from './stop.js';

export interface WorkflowRecord {
  /** Of the stream record; larger is later. */
  readonly sequenceNumber: string;
  readonly workflow: Workflow;
  /** As it was before; undefined: it is new. */
  readonly before?: Workflow;
}

export async function followWorkflow(
  ports: Ports,
  { workflow, before }: WorkflowRecord,
): Promise<void> {
  if (isTerminalWorkflow(workflow.status)) {
    if (isUnsettled(workflow)) await settleEnded(ports, workflow, 'stream');
  } else if (workflow.startBy === 'table' && before?.epoch !== workflow.epoch)
    await startFromTable(ports, workflow);
}
