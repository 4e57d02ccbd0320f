/** Mutants of what the worker does with its ports. */
import type { Transition, Workflow, WorkMessage } from '@orchestra/workflow-core';
import { THE_ENGINE } from '../world/engine.js';
import type { WorkerPorts } from '../world/engine.js';
import type { Mutant } from './mutant.js';

export const workerMutants: readonly Mutant[] = [
  {
    name: 'a worker that does not look at META',
    killedBy: 'I18',
    engine: () => ({
      ...THE_ENGINE,
      work: (ports, message, remainingMs) =>
        THE_ENGINE.work(believing(ports, message), message, remainingMs),
    }),
  },
  {
    name: 'a wait assumed without proof',
    killedBy: 'I21',
    mix: 'healthy',
    engine: () => ({
      ...THE_ENGINE,
      work: async (ports, message, remainingMs) => {
        const { tasks } = await ports.graph(message.definition);
        return THE_ENGINE.work(vouchingFor(ports, [...tasks.keys()]), message, remainingMs);
      },
    }),
  },
];

/** META is always RUNNING in the message's epoch. */
function believing(ports: WorkerPorts, { epoch }: WorkMessage): WorkerPorts {
  const { repository } = ports;
  const running = (workflow: Workflow): Workflow => ({ ...workflow, status: 'RUNNING', epoch });
  return {
    ...ports,
    repository: {
      ...repository,
      getWorkflow: async (workflowId) => {
        const workflow = await repository.getWorkflow(workflowId);
        return workflow && running(workflow);
      },
      getWorkflowWithTasks: async (workflowId) => {
        const read = await repository.getWorkflowWithTasks(workflowId);
        return read && { ...read, workflow: running(read.workflow) };
      },
      getWorkflowAndTasks: async (workflowId, taskIds) => {
        const read = await repository.getWorkflowAndTasks(workflowId, taskIds);
        return read && { ...read, workflow: running(read.workflow) };
      },
    },
  };
}

/** Each outcome says that all other tasks are unfinished, ended or not. */
function vouchingFor(ports: WorkerPorts, all: readonly string[]): WorkerPorts {
  const vouch = (transition: Transition): Transition =>
    transition.kind === 'succeed' ||
    transition.kind === 'fail' ||
    transition.kind === 'conditionFalse'
      ? { ...transition, witnesses: all.filter((id) => id !== transition.taskId) }
      : transition;
  return {
    ...ports,
    repository: {
      ...ports.repository,
      apply: (transitions) => ports.repository.apply(transitions.map(vouch)),
    },
  };
}
