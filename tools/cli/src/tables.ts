/** Plain text for people: columns, times, durations. Pure. */
import type { Task, Workflow, WorkflowSummary } from '@orchestra/api-contract';
import type { MapsProgress } from './map-progress.js';
import { doesText } from './task-kind.js';

/** Columns as wide as their widest cell, two spaces between, nothing behind the last. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...all.map((cells) => cells[column]?.length ?? 0)),
  );
  return all.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** @param progress of its maps, as far as it is known */
export function workflowTable(workflow: Workflow, progress: MapsProgress = new Map()): string[] {
  const { workflowId, status, definition, durationMs } = workflow;
  const took = durationMs === undefined ? '' : ` after ${duration(durationMs)}`;
  return [
    `${workflowId}  ${definition.name} (revision ${definition.revision})  ${status}${took}`,
    ...taskTable(workflow.tasks, progress),
  ];
}

export const taskTable = (tasks: readonly Task[], progress: MapsProgress = new Map()): string[] =>
  table(
    ['TASK', 'DOES', ...COLUMNS],
    tasks.map((task) => [
      task.taskId,
      doesText(task, progress.get(task.taskId)),
      ...columnsOf(task),
    ]),
  );

/** Of one map, so all do the same. */
export const itemTable = (items: readonly Task[]): string[] =>
  table(
    ['ITEM', 'LABEL', ...COLUMNS],
    items.map((item) => [item.taskId, oneLine(item.label ?? '-'), ...columnsOf(item)]),
  );

const COLUMNS = ['STATUS', 'ATTEMPT', 'STARTED', 'DURATION', 'WHY'] as const;

const columnsOf = (task: Task): string[] => [
  task.status,
  task.attempt === 0 ? '-' : String(task.attempt),
  task.startedAt ?? '-',
  task.durationMs === undefined ? '-' : duration(task.durationMs),
  why(task),
];

export function workflowListTable(workflows: readonly WorkflowSummary[]): string[] {
  return table(
    ['WORKFLOW', 'DEFINITION', 'STATUS', 'CREATED', 'DURATION'],
    workflows.map((workflow) => [
      workflow.workflowId,
      `${workflow.definition.name} (revision ${workflow.definition.revision})`,
      workflow.status,
      workflow.createdAt,
      workflow.durationMs === undefined ? '-' : duration(workflow.durationMs),
    ]),
  );
}

/** Why a task is as it is, in one line. */
export function why({ reason, error, wakeAt }: Task): string {
  const failure = error && `${error.type}: ${error.message}`;
  const words = [reason, failure, wakeAt && `until ${wakeAt}`].filter(Boolean).join(' ');
  return oneLine(words);
}

/** `850 ms`, `1.5 s`, `2 min 5 s`, `3 h 20 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** Texts come from tasks: without control characters they cannot move the cursor of whoever reads them. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
