/** Follows one workflow until it ends, and shows it: in place on a terminal, line by line elsewhere. */
import type { Task, Workflow } from '@orchestra/api-contract';
import { isTerminalWorkflow } from '@orchestra/workflow-core';
import { PassingError, type ApiClient } from './api-client.js';
import { createMapCounter, type MapsProgress } from './map-progress.js';
import type { Terminal } from './system.js';
import { duration, why, workflowTable } from './tables.js';

/** Milliseconds between two looks. */
const INTERVAL = 500;
/** Milliseconds without an answer after which watching ends. */
const PATIENCE = 30_000;

export interface Watching {
  readonly api: Pick<ApiClient, 'getWorkflow' | 'getTask'>;
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/**
 * Tells of the workflow whenever it changed, and answers it once it has ended.
 * @throws CliError when there is no such workflow, or when nothing answers for 30 s
 */
export async function watchWorkflow(
  { api, now, sleep }: Watching,
  workflowId: string,
  onChange: (workflow: Workflow, progress: MapsProgress) => void,
): Promise<Workflow> {
  let shown = '';
  const countMaps = createMapCounter({ api, now });
  const look = async () => {
    const workflow = await api.getWorkflow({ workflowId });
    return { workflow, progress: await countMaps(workflow) };
  };
  for (let answeredAt = now(); ; await sleep(INTERVAL)) {
    const seen = await look().catch((error: unknown) => {
      if (error instanceof PassingError && now() - answeredAt < PATIENCE) return undefined;
      throw error;
    });
    if (!seen) continue;
    answeredAt = now();
    const { workflow, progress } = seen;
    const text = JSON.stringify([workflow, ...progress]);
    if (text !== shown) onChange(workflow, progress);
    shown = text;
    if (isTerminalWorkflow(workflow.status)) return workflow;
  }
}

/** The view that suits the terminal. */
export function liveView(terminal: Terminal): (workflow: Workflow, progress: MapsProgress) => void {
  const lines = changedLines(terminal);
  const inPlace = redrawn(terminal);
  return (workflow, progress) => {
    const { size } = terminal;
    // A view higher than the screen cannot be drawn over.
    const isWhole = workflow.nextCursor === undefined;
    const fits = isWhole && size !== undefined && workflow.tasks.length + 3 < size.rows;
    if (fits) inPlace(workflow, progress, size.columns);
    else lines(workflow, progress);
  };
}

/** One line for every task that changed, and one for the workflow when it did. */
function changedLines(terminal: Terminal): (workflow: Workflow, progress: MapsProgress) => void {
  const seen = new Map<string, string>();
  const tell = (key: string, line: string) => {
    if (seen.get(key) !== line) terminal.out(line);
    seen.set(key, line);
  };
  return (workflow, progress) => {
    // Of a workflow read in pages only the first one is here: how many stand where says more.
    if (workflow.nextCursor !== undefined) tell('tasks', countsLine(workflow));
    else
      for (const task of workflow.tasks)
        if (task.status !== 'PENDING') tell(`task ${task.taskId}`, taskLine(task, progress));
    tell('workflow', `workflow ${workflow.workflowId} ${workflow.status}`);
  };
}

const countsLine = ({ taskCounts }: Workflow): string =>
  Object.entries(taskCounts)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');

function taskLine(task: Task, progress: MapsProgress): string {
  const counted = progress.get(task.taskId);
  const items = counted ? ` ${counted.ended}/${counted.count}` : '';
  const attempt = task.attempt > 1 ? ` attempt ${task.attempt}` : '';
  const took = task.durationMs === undefined ? '' : ` after ${duration(task.durationMs)}`;
  const reason = why(task);
  return `task ${task.taskId} ${task.status}${items}${attempt}${took}${reason && `: ${reason}`}`;
}

function redrawn(
  terminal: Terminal,
): (workflow: Workflow, progress: MapsProgress, columns: number) => void {
  let drawn = 0;
  return (workflow, progress, columns) => {
    const lines = workflowTable(workflow, progress).map((line) =>
      line.slice(0, Math.max(1, columns - 1)),
    );
    const back = drawn > 0 ? `\u001b[${drawn}A\u001b[0J` : '';
    terminal.raw(`${back}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
}
