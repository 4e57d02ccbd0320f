/** Goes on with a workflow that a table write started or redrove: the child of a task. */
import type { Workflow } from '@orchestra/workflow-core';
import { originOfWorkflow, startRoots } from './carry-out.js';
import { goOnInEpoch } from './go-on.js';
import { enqueue } from './places.js';
import type { Ports } from './ports.js';
import { stopUnwanted } from './stop.js';

/** Safe to repeat. */
export async function startFromTable(ports: Ports, workflow: Workflow): Promise<void> {
  if (await stopUnwanted(ports, workflow, 'stream')) return;
  if (workflow.status === 'PENDING') return void (await enqueue(ports, workflow));
  const graph = await ports.graph(workflow.definition);
  if (workflow.epoch === 1) {
    const { taken } = await startRoots(ports, originOfWorkflow(workflow), graph);
    if (taken > 0) ports.count('WorkflowsStarted');
    return;
  }
  const read = await ports.repository.getWorkflowWithTasks(workflow.workflowId);
  if (read?.workflow.status !== 'RUNNING' || read.workflow.epoch !== workflow.epoch) return;
  await goOnInEpoch(ports, graph, read, 'stream');
}
