/** Mutants of what the orchestrator does with its ports. */
import {
  StoreUnavailableError,
  type Task,
  type Transition,
  type WorkMessage,
  type WorkflowRepository,
  type Workflow,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { THE_ENGINE, type Engine, type OrchestratorPorts } from '../world/engine.js';
import type { Mutant } from './mutant.js';
import { seeing, withPorts, withRepository } from './rewire.js';

export const orchestratorMutants: readonly Mutant[] = [
  {
    name: 'no sweeper',
    killedBy: 'I10',
    engine: () => ({
      ...THE_ENGINE,
      sweep: () => Promise.resolve({ checked: 0, repaired: 0, failed: 0 }),
    }),
  },
  {
    name: 'a batch acknowledged before its dispatch',
    killedBy: 'I21',
    mix: 'healthy',
    engine: () => {
      // Lambda freezes what is left to do when the answer is given: it goes on with the container's next invocation.
      const left = new Map<object, (() => Promise<void>)[]>();
      return withPorts((ports, role) => {
        const waiting = left.get(ports.memory) ?? [];
        left.set(ports.memory, waiting);
        for (const dispatch of waiting.splice(0)) void dispatch();
        if (role !== 'stream') return ports;
        return {
          ...ports,
          dispatch: (message) => {
            waiting.push(() => ports.dispatch(message));
            return Promise.resolve();
          },
        };
      });
    },
  },
  {
    name: 'a throttle swallowed',
    killedBy: 'I21',
    mix: 'quiet',
    engine: () =>
      withPorts((ports) =>
        withRepository(ports, ({ apply }) => ({
          apply: async (transitions: readonly Transition[]) => {
            try {
              return await apply(transitions);
            } catch (error) {
              if (!(error instanceof StoreUnavailableError)) throw error;
              return transitions.map(() => ({ kind: 'lost' as const, current: undefined }));
            }
          },
        })),
      ),
  },
  {
    name: 'READY remembered before its dispatch',
    killedBy: 'I21',
    mix: 'quiet',
    engine: () =>
      withPorts((ports) => {
        const { memory } = ports;
        const apply: WorkflowRepository['apply'] = async (transitions) => {
          for (const transition of transitions)
            if (transition.kind === 'ready') {
              const { workflowId, epoch } = transition.origin;
              memory.recall(workflowId, epoch).started.add(transition.taskId);
            }
          return ports.repository.apply(transitions);
        };
        memory.forget = () => {};
        return withRepository(ports, () => ({ apply }));
      }),
  },
  {
    name: 'a finish decided from a stale read',
    killedBy: 'I21',
    mix: 'healthy',
    engine: () => {
      const seen = new Map<string, WorkflowWithTasks>();
      return withPorts((ports, role) =>
        role === 'stream'
          ? seeing(ports, (read) => {
              const { workflowId } = read.workflow;
              const stale = seen.get(workflowId) ?? { ...read, tasks: [] };
              seen.set(workflowId, read);
              return { ...read, tasks: stale.tasks };
            })
          : ports,
      );
    },
  },
  {
    name: 'the epoch ignored: older items taken for facts',
    killedBy: 'I08',
    engine: () =>
      withPorts((ports) =>
        seeing(ports, ({ workflow, tasks }) => ({
          workflow,
          tasks: tasks.map((task) => ({ ...task, epoch: workflow.epoch })),
        })),
      ),
  },
  {
    name: 'a redrive that runs what it should keep',
    killedBy: 'KEEP',
    engine: () =>
      withPorts((ports) =>
        seeing(ports, ({ workflow, tasks }) => ({
          workflow,
          tasks: tasks.map((task): Task =>
            task.epoch < workflow.epoch ? { ...task, status: 'FAILED' } : task,
          ),
        })),
      ),
  },
  {
    name: 'a live lease taken by the sweep',
    killedBy: 'I21',
    mix: 'healthy',
    engine: () =>
      withPorts((ports, role) =>
        role === 'sweep'
          ? seeing(ports, ({ workflow, tasks }) => ({
              workflow,
              tasks: tasks.map((task) =>
                task.leaseUntil ? { ...task, leaseUntil: workflow.createdAt } : task,
              ),
            }))
          : ports,
      ),
  },
  {
    name: 'a cancel answered before its items are written',
    killedBy: 'I18',
    engine: () => ({
      ...THE_ENGINE,
      cancelWorkflow: async (ports, { workflowId }) => {
        const workflow = await ports.repository.getWorkflow(workflowId);
        if (!workflow) return { kind: 'unknown' };
        const { epoch, definition } = workflow;
        const at = new Date(ports.now()).toISOString();
        await ports.repository.apply([
          { kind: 'stop', workflowId, epoch, definition, status: 'CANCELLED', by: 'operator', at },
        ]);
        return { kind: 'cancelled' };
      },
    }),
  },
  {
    name: 'a redrive that does not wait until the stop before it is done',
    killedBy: 'I05',
    engine: () => ({
      ...THE_ENGINE,
      redriveWorkflow: (ports, request) =>
        THE_ENGINE.redriveWorkflow(
          seeing(ports, ({ workflow, tasks }) => {
            const settled: { -readonly [Name in keyof Workflow]: Workflow[Name] } = { ...workflow };
            if (workflow.status !== 'RUNNING') delete settled.nextCheckAt;
            return { workflow: settled, tasks };
          }),
          request,
        ),
    }),
  },
  {
    name: 'poison that stops the batch',
    killedBy: 'I17',
    engine: () => ({
      ...THE_ENGINE,
      advanceBatch: async (ports, records, timeIsUp) => {
        const outcome = await THE_ENGINE.advanceBatch(ports, records, timeIsUp);
        const poison = records.find((record) => 'unreadable' in record);
        return poison ? { failedFrom: poison.sequenceNumber } : outcome;
      },
    }),
  },
  {
    name: 'a counter instead of facts',
    killedBy: 'I01',
    mix: 'quiet',
    engine: counterEngine,
  },
  {
    name: 'a sweep without grace',
    killedBy: 'I21',
    mix: 'healthy',
    engine: () =>
      withPorts((ports) => ({ ...ports, settings: { ...ports.settings, sweepGraceMs: 0 } })),
  },
  {
    name: 'a start that takes an id for free',
    killedBy: 'I13',
    engine: () =>
      withPorts((ports) =>
        withRepository(ports, ({ createWorkflow }) => ({
          createWorkflow: async (workflow) => {
            await createWorkflow(workflow);
            return { kind: 'created' };
          },
        })),
      ),
  },
];

/** Beside what the facts say: each success takes one from what its dependents wait for; whoever reaches nothing starts. */
function counterEngine(): Engine {
  const remaining = new Map<string, number>();
  return {
    ...THE_ENGINE,
    advanceBatch: async (ports, records, timeIsUp) => {
      for (const record of records)
        if ('task' in record && record.task.status === 'SUCCEEDED')
          await countDown(ports, remaining, record.task);
      return THE_ENGINE.advanceBatch(ports, records, timeIsUp);
    },
  };
}

async function countDown(
  ports: OrchestratorPorts,
  remaining: Map<string, number>,
  task: Task,
): Promise<void> {
  const { workflowId, epoch, definition, workflowStartedAt, expiresAt } = task;
  const origin = { workflowId, epoch, definition, workflowStartedAt, expiresAt };
  const graph = await ports.graph(definition);
  const at = new Date(ports.now()).toISOString();
  for (const taskId of graph.downstream.get(task.taskId) ?? []) {
    if (graph.tasks.get(taskId)?.triggerRule !== undefined) continue;
    const key = `${workflowId} ${epoch} ${taskId}`;
    const left = (remaining.get(key) ?? graph.upstream.get(taskId)?.length ?? 0) - 1;
    remaining.set(key, left);
    if (left > 0) continue;
    const ready = { kind: 'ready' as const, origin, taskId, by: 'stream' as const, at };
    const [result] = await ports.repository.apply([ready]);
    if (result?.kind === 'applied') await ports.dispatch(messageOf(origin, taskId));
  }
}

const messageOf = (
  { workflowId, epoch, definition }: Pick<Task, 'workflowId' | 'epoch' | 'definition'>,
  taskId: string,
): WorkMessage => ({ workflowId, epoch, definition, tasks: [{ taskId, version: 1, attempt: 1 }] });
