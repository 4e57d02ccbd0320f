import '@xyflow/react/dist/base.css';
import {
  Background,
  BackgroundVariant,
  Controls,
  ReactFlow,
  type NodeChange,
  type NodeTypes,
} from '@xyflow/react';
import { useMemo, useRef } from 'react';
import type { Task } from '@orchestra/api-contract';
import type { MapProgress } from '../workflow/map-progress.js';
import { taskEdges, taskNodes, type TaskNodeType } from './graph-elements.js';
import { FIT, KeepInView } from './keep-in-view.js';
import { layoutTasks, topologyKey, type Direction } from './layout.js';
import { TaskNode } from './task-node.js';
import { useDirection } from './use-direction.js';
import classes from './workflow-graph.module.css';

interface Props {
  tasks: readonly Task[];
  progress: ReadonlyMap<string, MapProgress>;
  selectedId: string | undefined;
  onSelect: (taskId: string | undefined) => void;
}

const nodeTypes: NodeTypes = { task: TaskNode };

const words = {
  'node.a11yDescription.default': 'Press Enter to open the task, Escape to close it.',
  'controls.ariaLabel': 'View of the graph',
};

export function WorkflowGraph(props: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const direction = useDirection(frame);
  return (
    <div ref={frame} className={classes.frame}>
      {direction && <Canvas key={direction} direction={direction} {...props} />}
    </div>
  );
}

function Canvas({
  tasks,
  progress,
  selectedId,
  onSelect,
  direction,
}: Props & { direction: Direction }) {
  const places = usePlaces(tasks, direction);
  const moved = useRef(false);
  const nodes = useMemo(
    () => taskNodes(tasks, places, direction, selectedId, progress),
    [tasks, places, direction, selectedId, progress],
  );
  const edges = useMemo(() => taskEdges(tasks), [tasks]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      onNodesChange={(changes) => follow(changes, onSelect)}
      onMove={(byUser) => {
        if (byUser) moved.current = true;
      }}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      deleteKeyCode={null}
      selectionKeyCode={null}
      multiSelectionKeyCode={null}
      minZoom={0.05}
      maxZoom={2}
      fitView
      fitViewOptions={FIT}
      ariaLabelConfig={words}
    >
      <Background variant={BackgroundVariant.Dots} gap={22} size={1.4} />
      <Controls
        showInteractive={false}
        fitViewOptions={FIT}
        onFitView={() => (moved.current = false)}
      />
      <KeepInView moved={moved} />
    </ReactFlow>
  );
}

/** Keyed by the topology's content: every answer of the API is a new array. */
function usePlaces(tasks: readonly Task[], direction: Direction) {
  const key = topologyKey(tasks);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the key stands for the tasks
  return useMemo(() => layoutTasks(tasks, direction), [key, direction]);
}

/** The URL holds the selection: what React Flow would select, by mouse or by key, is only a wish. */
function follow(changes: NodeChange<TaskNodeType>[], onSelect: Props['onSelect']): void {
  const selections = changes.filter((change) => change.type === 'select');
  const chosen = selections.find(({ selected }) => selected);
  if (selections.length > 0) onSelect(chosen?.id);
}
