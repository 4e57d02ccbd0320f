/** Makes READY what a workflow can run at once: at its start, in a new epoch, or when it is let in. Safe to repeat. */
import {
  byEpoch,
  factsOf,
  overridesOf,
  plan,
  type Actor,
  type Graph,
  type Task,
  type Workflow,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { carryOut, dispatchTasks, originOfWorkflow, startRoots } from './carry-out.js';
import type { Ports } from './ports.js';

/** In an epoch that a redrive began. */
export async function goOnInEpoch(
  ports: Ports,
  graph: Graph,
  read: WorkflowWithTasks,
  by: Actor,
): Promise<void> {
  const { present, older } = byEpoch(graph, read.workflow, read.tasks);
  const facts = factsOf(present);
  // Whoever made them READY may have died before telling a worker.
  const ready = new Map(present.filter(isUntold).map((task) => [task.taskId, task]));
  const started = new Set(
    present.flatMap(({ taskId }) => (facts.has(taskId) || ready.has(taskId) ? [] : [taskId])),
  );
  const next = plan({ graph, facts, started, ready, unfinished: 'rest', redriven: true }, 'all');
  const origin = originOfWorkflow(read.workflow);
  const overrides = overridesOf(read.workflow);
  await carryOut(ports, { origin, graph, by, older, overrides, ready }, next);
}

/** One that waits for its retry, or for a place, is a waiting worker's or the sweep's. */
const isUntold = ({ status, notBefore }: Task): boolean =>
  status === 'READY' && notBefore === undefined;

/** The first try may have died between META and its roots, or before it told a worker of them. */
export async function startMissingRoots(ports: Ports, workflow: Workflow): Promise<void> {
  const graph = await ports.graph(workflow.definition);
  const there = await ports.repository.getTasks(workflow.workflowId, graph.roots);
  const ids = new Set(there.map(({ taskId }) => taskId));
  const missing = graph.roots.filter((id) => !ids.has(id));
  const origin = originOfWorkflow(workflow);
  if (missing.length > 0) await startRoots(ports, origin, { ...graph, roots: missing });
  const untouched = there.filter(({ status, version }) => status === 'READY' && version === 1);
  await dispatchTasks(ports, origin, untouched);
}
