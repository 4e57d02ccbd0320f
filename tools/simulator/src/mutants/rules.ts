/** Mutants of failures that are continued on, of failing fast, and of conditions. */
import type { Definition, Graph, Transition } from '@orchestra/workflow-core';
import { THE_ENGINE, type Engine, type OrchestratorPorts } from '../world/engine.js';
import type { Mutant } from './mutant.js';

const withPorts = (rewire: (ports: OrchestratorPorts) => OrchestratorPorts): Engine => ({
  ...THE_ENGINE,
  orchestratorPorts: rewire,
});

/** What the orchestrator takes the definition for. */
const reading = (misread: (graph: Graph) => Graph): Engine =>
  withPorts((ports) => ({ ...ports, graph: async (ref) => misread(await ports.graph(ref)) }));

const withDefinition = (graph: Graph, change: Partial<Definition>): Graph => ({
  ...graph,
  definition: { ...graph.definition, ...change },
});

const withoutForgiveness = (graph: Graph): Graph => ({
  ...graph,
  tasks: new Map([...graph.tasks].map(([id, task]) => [id, { ...task, continueOnFailure: false }])),
});

const writing = (rewrite: (transition: Transition) => Transition): Engine => ({
  ...THE_ENGINE,
  changeOf: (transition) => THE_ENGINE.changeOf(rewrite(transition)),
});

const isFailFast = (transition: Transition | undefined): boolean =>
  transition?.kind === 'skip' && transition.reason === 'FAIL_FAST';

export const ruleMutants: readonly Mutant[] = [
  {
    name: "a failure that is continued on, counted in the workflow's status",
    killedBy: 'I08',
    engine: () =>
      withPorts((ports) => ({
        ...ports,
        repository: {
          ...ports.repository,
          apply: async (transitions) => {
            const finish = transitions.find(({ kind }) => kind === 'finish');
            if (finish?.kind !== 'finish') return ports.repository.apply(transitions);
            const read = await ports.repository.getWorkflowWithTasks(finish.workflowId);
            const hasFailed = read?.tasks.some(
              ({ epoch, status }) => epoch === finish.epoch && status === 'FAILED',
            );
            return ports.repository.apply([hasFailed ? { ...finish, status: 'FAILED' } : finish]);
          },
        },
      })),
  },
  {
    name: 'a failure that is continued on, not forgiven by the rules',
    killedBy: 'I01',
    engine: () => reading(withoutForgiveness),
  },
  {
    name: 'failing fast forgotten',
    killedBy: 'FAIL-FAST',
    engine: () => reading((graph) => withDefinition(graph, { failFast: false })),
  },
  {
    name: 'failing fast where nobody asked for it',
    killedBy: 'FAIL-FAST',
    engine: () => reading((graph) => withDefinition(graph, { failFast: true })),
  },
  {
    name: 'a skip for a failure taken for written although somebody had begun the task',
    killedBy: 'I08',
    engine: () => ({
      ...THE_ENGINE,
      orchestratorPorts: (ports, by) => ({
        ...ports,
        repository: {
          ...ports.repository,
          apply: async (transitions) => {
            // Slow besides, as any pass may be: others decide meanwhile.
            if (transitions.some(isFailFast)) await by.pause(1_500);
            const results = await ports.repository.apply(transitions);
            return results.map((result, index) =>
              isFailFast(transitions[index]) ? { kind: 'applied' } : result,
            );
          },
        },
      }),
    }),
  },
  {
    name: 'a false condition that the stream does not tell of',
    killedBy: 'I21',
    mix: 'healthy',
    engine: () => ({
      ...THE_ENGINE,
      advanceBatch: (ports, records, timeIsUp) =>
        THE_ENGINE.advanceBatch(
          ports,
          records.filter((record) => !('task' in record) || record.task.status !== 'SKIPPED'),
          timeIsUp,
        ),
    }),
  },
  {
    name: 'a function called before its condition is known',
    killedBy: 'CONDITION',
    engine: () => ({
      ...THE_ENGINE,
      workerPorts: (ports) => ({
        ...ports,
        evaluate: async (template, context) => {
          const evaluated = await ports.evaluate(template, context);
          return evaluated.kind === 'failed' ? evaluated : { ...evaluated, when: true };
        },
      }),
    }),
  },
  {
    name: 'a condition that sees every task above it as succeeded',
    killedBy: 'CONDITION',
    engine: () => ({
      ...THE_ENGINE,
      workerPorts: (ports) => ({
        ...ports,
        evaluate: (template, context) =>
          ports.evaluate(template, {
            ...context,
            tasks: Object.fromEntries(
              Object.entries(context.tasks).map(([id, task]) => [
                id,
                { ...task, status: 'SUCCEEDED' },
              ]),
            ),
          }),
      }),
    }),
  },
  {
    name: 'a false condition recorded as a success',
    killedBy: 'I07',
    engine: () =>
      writing((transition) =>
        transition.kind === 'conditionFalse'
          ? { ...transition, kind: 'succeed', output: { kind: 'inline', json: 'null' } }
          : transition,
      ),
  },
];
