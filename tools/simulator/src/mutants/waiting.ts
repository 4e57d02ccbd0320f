/** Mutants of waits, callbacks, and what operators order. */
import { callbackToken, parseCallbackToken, type Workflow } from '@orchestra/workflow-core';
import { THE_ENGINE } from '../world/engine.js';
import type { Mutant } from './mutant.js';
import { seeing, seeingSome, withPorts, withWorkerPorts } from './rewire.js';

export const waitingMutants: readonly Mutant[] = [
  {
    name: 'a wait that is over at the first look',
    killedBy: 'WAIT',
    engine: () =>
      withPorts((ports, role) =>
        role === 'sweep'
          ? seeing(ports, ({ workflow, tasks }) => ({
              workflow,
              tasks: tasks.map((task) =>
                task.wakeAt && !task.callback ? { ...task, wakeAt: workflow.createdAt } : task,
              ),
            }))
          : ports,
      ),
  },
  {
    name: 'a wait that nobody makes its workflow due for',
    killedBy: 'WAIT',
    mix: 'healthy',
    engine: () =>
      withWorkerPorts((ports) => ({
        ...ports,
        repository: {
          ...ports.repository,
          apply: async (transitions) => {
            const rest = transitions.filter(({ kind }) => kind !== 'check');
            if (rest.length > 0) return ports.repository.apply(rest);
            return transitions.map(() => ({ kind: 'applied' as const }));
          },
        },
      })),
  },
  {
    name: 'a second answer told that it counts',
    killedBy: 'CALLBACK',
    engine: () => ({
      ...THE_ENGINE,
      answerCallback: async (ports, request) => {
        const answer = await THE_ENGINE.answerCallback(ports, request);
        if (answer.kind !== 'answered') return answer;
        return { kind: 'accepted', workflowId: '', taskId: '', status: 'SUCCEEDED' };
      },
    }),
  },
  {
    name: 'an answer that is written over another',
    killedBy: 'I05',
    engine: () => ({
      ...THE_ENGINE,
      changeOf: (transition) => {
        const change = THE_ENGINE.changeOf(transition);
        const isAnswer =
          (transition.kind === 'succeed' || transition.kind === 'fail') && transition.answers;
        return isAnswer && change.kind === 'update' ? { ...change, when: {} } : change;
      },
    }),
  },
  {
    name: 'the token of an older attempt accepted',
    killedBy: 'CALLBACK',
    engine: () => ({
      ...THE_ENGINE,
      answerCallback: async (ports, request) => {
        const told = parseCallbackToken(request.token);
        const [task] = told ? await ports.repository.getTasks(told.workflowId, [told.taskId]) : [];
        if (!told || !task?.callback) return THE_ENGINE.answerCallback(ports, request);
        const token = callbackToken({ ...told, secret: task.callback.secret });
        return THE_ENGINE.answerCallback(ports, { ...request, token });
      },
    }),
  },
  {
    name: 'a heartbeat that the sweep does not see',
    killedBy: 'CALLBACK',
    engine: () =>
      withPorts((ports, role) =>
        role === 'sweep'
          ? seeing(ports, ({ workflow, tasks }) => ({
              workflow,
              tasks: tasks.map((task) =>
                task.heartbeats ? { ...task, wakeAt: task.callback?.openedAt ?? '' } : task,
              ),
            }))
          : ports,
      ),
  },
  {
    name: 'a paused workflow claimed',
    killedBy: 'CONTROL',
    engine: () =>
      withWorkerPorts((ports) => {
        const { repository } = ports;
        const unpaused = (workflow: Workflow): Workflow => ({ ...workflow, controls: [] });
        return {
          ...ports,
          repository: {
            ...repository,
            getWorkflow: async (workflowId) => {
              const workflow = await repository.getWorkflow(workflowId);
              return workflow && unpaused(workflow);
            },
            getWorkflowWithTasks: async (workflowId, options) => {
              const read = await repository.getWorkflowWithTasks(workflowId, options);
              return read && { ...read, workflow: unpaused(read.workflow) };
            },
            getWorkflowAndTasks: async (workflowId, taskIds) => {
              const read = await repository.getWorkflowAndTasks(workflowId, taskIds);
              return read && { ...read, workflow: unpaused(read.workflow) };
            },
          },
        };
      }),
  },
  {
    name: 'a task taken from the worker that runs it',
    killedBy: 'CONTROL',
    engine: () =>
      withPorts((ports, role) =>
        role === 'operator'
          ? seeingSome(ports, (task) =>
              task.status === 'RUNNING' ? { ...task, suspendedAt: task.startedAt ?? '' } : task,
            )
          : ports,
      ),
  },
  {
    name: "an operator's input forgotten",
    killedBy: 'CONTROL',
    engine: () =>
      withWorkerPorts((ports) => {
        const { repository } = ports;
        const forget = ({ redrives = [], ...workflow }: Workflow): Workflow => ({
          ...workflow,
          redrives: redrives.map((redrive) => ({ ...redrive, overrides: [] })),
        });
        return {
          ...ports,
          repository: {
            ...repository,
            getWorkflowWithTasks: async (workflowId, options) => {
              const read = await repository.getWorkflowWithTasks(workflowId, options);
              return read && { ...read, workflow: forget(read.workflow) };
            },
            getWorkflowAndTasks: async (workflowId, taskIds) => {
              const read = await repository.getWorkflowAndTasks(workflowId, taskIds);
              return read && { ...read, workflow: forget(read.workflow) };
            },
          },
        };
      }),
  },
];
