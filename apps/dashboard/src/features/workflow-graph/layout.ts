/**
 * Where each task stands. A pure function of the topology: ids, edges and direction, nothing of a status,
 * so a change of status cannot move a node.
 */
import { Graph, layout } from '@dagrejs/dagre';

/** The way time runs: to the right, or down where the canvas is narrow. */
export type Direction = 'right' | 'down';

export interface TopologyTask {
  readonly taskId: string;
  readonly dependsOn: readonly string[];
}

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
  return JSON.stringify(tasks.map(({ taskId, dependsOn }) => [taskId, ...dependsOn]));
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
  for (const { taskId, dependsOn } of lastFirst)
    for (const upstream of dependsOn) if (graph.hasNode(upstream)) graph.setEdge(upstream, taskId);
  layout(graph);
  return new Map(tasks.map(({ taskId }) => [taskId, corner(graph.node(taskId), direction)]));
}

/** dagre speaks of centres. */
function corner({ x = 0, y = 0 }: { x?: number; y?: number }, direction: Direction): Position {
  const { width, height } = NODE_SIZE[direction];
  return { x: x - width / 2, y: y - height / 2 };
}
