/** What stands between the engine and its world, for mutants that misread or miswrite. */
import type { Task, WorkflowRepository, WorkflowWithTasks } from '@orchestra/workflow-core';
import {
  THE_ENGINE,
  type Engine,
  type OrchestratorPorts,
  type WorkerPorts,
} from '../world/engine.js';
import type { Role } from '../world/lambda.js';

type Rewire = (ports: OrchestratorPorts, role: Role) => OrchestratorPorts;

export const withPorts = (rewire: Rewire): Engine => ({
  ...THE_ENGINE,
  orchestratorPorts: (ports, { role }) => rewire(ports, role),
});

export const withRepository = (
  ports: OrchestratorPorts,
  change: (repository: WorkflowRepository) => Partial<WorkflowRepository>,
): OrchestratorPorts => ({
  ...ports,
  repository: { ...ports.repository, ...change(ports.repository) },
});

/** Reads of a whole workflow, as the mutant sees them. */
export const seeing = (
  ports: OrchestratorPorts,
  look: (read: WorkflowWithTasks) => WorkflowWithTasks,
): OrchestratorPorts =>
  withRepository(ports, ({ getWorkflowWithTasks }) => ({
    getWorkflowWithTasks: async (workflowId) => {
      const read = await getWorkflowWithTasks(workflowId);
      return read && look(read);
    },
  }));

/** Reads of a workflow and some of its tasks. */
export const seeingSome = (
  ports: OrchestratorPorts,
  look: (task: Task) => Task,
): OrchestratorPorts =>
  withRepository(ports, ({ getWorkflowAndTasks }) => ({
    getWorkflowAndTasks: async (workflowId, taskIds) => {
      const read = await getWorkflowAndTasks(workflowId, taskIds);
      return read && { ...read, tasks: read.tasks.map(look) };
    },
  }));

export const withWorkerPorts = (rewire: (ports: WorkerPorts) => WorkerPorts): Engine => ({
  ...THE_ENGINE,
  workerPorts: rewire,
});
