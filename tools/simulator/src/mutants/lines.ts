/** Mutants of children, places and schedules. */
import type { PlaceRepository } from '@orchestra/workflow-core';
import { isChildId } from '@orchestra/workflow-core';
import { THE_ENGINE, type OrchestratorPorts } from '../world/engine.js';
import type { Mutant } from './mutant.js';
import { withPorts, withRepository, withWorkerPorts } from './rewire.js';

const withPlaces = (
  ports: OrchestratorPorts,
  change: (places: PlaceRepository) => Partial<PlaceRepository>,
): OrchestratorPorts => ({ ...ports, places: { ...ports.places, ...change(ports.places) } });

export const lineMutants: readonly Mutant[] = [
  {
    name: 'a limit that is ignored when a start comes again',
    killedBy: 'PLACE',
    engine: () => {
      const joined = new Set<string>();
      return withPorts((ports) => {
        let isAgain = false;
        return withPlaces(ports, (places) => ({
          join: (line, arrival) => {
            isAgain = joined.has(arrival.workflowId);
            joined.add(arrival.workflowId);
            return places.join(line, arrival);
          },
          readLine: async (line, expected) => {
            const view = await places.readLine(line, expected);
            return isAgain ? { ...view, places: [] } : view;
          },
          take: async (line, place) => (await places.take(line, place)) || isAgain,
        }));
      });
    },
  },
  {
    name: 'a place lost with its holder',
    killedBy: 'PLACE',
    engine: () =>
      withPorts((ports) => withPlaces(ports, () => ({ free: () => Promise.resolve() }))),
  },
  {
    name: 'a place that two take',
    killedBy: 'PLACE',
    engine: () =>
      withPorts((ports) =>
        withPlaces(ports, (places) => ({
          readLine: async (line, expected) => ({
            ...(await places.readLine(line, expected)),
            places: [],
          }),
          take: async (line, place) => (await places.take(line, place)) || true,
        })),
      ),
  },
  {
    name: 'the last in line goes first',
    killedBy: 'PLACE',
    mix: 'healthy',
    engine: () =>
      withPorts((ports) =>
        withPlaces(ports, (places) => ({
          readLine: async (line, expected) => {
            const view = await places.readLine(line, expected);
            return { ...view, waiting: view.waiting.toReversed() };
          },
        })),
      ),
  },
  {
    name: 'an end with duties that the stream does not tell of',
    killedBy: 'I21',
    mix: 'healthy',
    engine: () => ({
      ...THE_ENGINE,
      advanceBatch: (ports, records, timeIsUp) =>
        THE_ENGINE.advanceBatch(
          ports,
          records.filter((record) => !('workflow' in record)),
          timeIsUp,
        ),
    }),
  },
  {
    name: "a function's limit ignored",
    killedBy: 'PLACE',
    engine: () =>
      withWorkerPorts((ports) => ({
        ...ports,
        places: {
          ...ports.places,
          readFunction: () => Promise.resolve([]),
          takeFunction: () => Promise.resolve(true),
        },
      })),
  },
  {
    name: 'a child orphaned by a cancel',
    killedBy: 'CHILD',
    engine: () =>
      withPorts((ports, role) =>
        role === 'operator'
          ? withRepository(ports, ({ getWorkflow }) => ({
              getWorkflow: (workflowId) =>
                isChildId(workflowId) ? Promise.resolve(undefined) : getWorkflow(workflowId),
            }))
          : ports,
      ),
  },
  {
    name: 'a task that succeeds although its child has failed',
    killedBy: 'CHILD',
    engine: () => ({
      ...THE_ENGINE,
      changeOf: (transition) =>
        THE_ENGINE.changeOf(
          transition.kind === 'fail' && transition.error.type === 'ChildFailed'
            ? {
                ...{ kind: 'succeed', workflowId: transition.workflowId, at: transition.at },
                ...{ taskId: transition.taskId, claimId: transition.claimId, by: transition.by },
                output: { kind: 'inline', json: '{}' },
              }
            : transition,
        ),
    }),
  },
  {
    name: 'a time of a schedule named by the moment it is noticed',
    killedBy: 'SCHEDULE',
    engine: () =>
      withPorts((ports) => ({
        ...ports,
        schedules: {
          ...ports.schedules,
          getSchedule: async (name) => {
            const schedule = await ports.schedules.getSchedule(name);
            const now = new Date(ports.now()).toISOString();
            const isDue = schedule?.nextAt !== undefined && schedule.nextAt <= now;
            return isDue ? { ...schedule, nextAt: now } : schedule;
          },
        },
      })),
  },
  {
    name: 'a schedule that does not look whether the last has ended',
    killedBy: 'SCHEDULE',
    engine: () =>
      withPorts((ports) => ({
        ...ports,
        schedules: {
          ...ports.schedules,
          getSchedule: async (name) => {
            const schedule = await ports.schedules.getSchedule(name);
            return schedule && { ...schedule, overlap: 'allow' };
          },
        },
      })),
  },
];
