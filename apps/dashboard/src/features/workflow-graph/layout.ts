/**
 * Where each task stands. A pure function of the topology: ids, edges and direction, nothing of a status,
 * so a change of status cannot move a node.
 */
import { Graph, layout } from '@dagrejs/dagre';
import { connectionsOf, type ConnectedTask } from './connections.js';

/** The way time runs: to the right, or down where the canvas is narrow. */
export type Direction = 'right' | 'down';

export type TopologyTask = ConnectedTask;

/** Of a node's top left corner, in canvas pixels. */
export interface Position {
  readonly x: number;
  readonly y: number;
}

/** Side by side a narrow canvas has room for small cards only. */
export const NODE_SIZE = {
  right: { width: 188, height: 56 },
  down: { width: 132, height: 54 },
} as const;
const GAP = { right: { rank: 68, node: 26 }, down: { rank: 52, node: 16 } } as const;

/** Equal for equal topologies, whatever else the tasks say; the order of the tasks counts. */
export function topologyKey(tasks: readonly TopologyTask[]): string {
  return JSON.stringify(tasks.map(({ taskId, dependsOn, hook }) => [taskId, dependsOn, hook]));
}

export function layoutTasks(
  tasks: readonly TopologyTask[],
  direction: Direction,
): ReadonlyMap<string, Position> {
  const graph = new Graph();
  const { rank, node } = GAP[direction];
  graph.setGraph({ rankdir: direction === 'right' ? 'LR' : 'TB', ranksep: rank, nodesep: node });
  graph.setDefaultEdgeLabel(() => ({}));
  /** dagre puts what it hears of last first. */
  const lastFirst = tasks.toReversed();
  for (const { taskId } of lastFirst) graph.setNode(taskId, { ...NODE_SIZE[direction] });
  for (const { from, to } of connectionsOf(lastFirst)) graph.setEdge(from, to);
  layout(graph);
  return new Map(tasks.map(({ taskId }) => [taskId, corner(graph.node(taskId), direction)]));
}

/** dagre speaks of centres. */
function corner({ x = 0, y = 0 }: { x?: number; y?: number }, direction: Direction): Position {
  const { width, height } = NODE_SIZE[direction];
  return { x: x - width / 2, y: y - height / 2 };
}
