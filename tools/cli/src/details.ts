/** Commands that look closer: one task, why it is as it is, what happened in which order. */
import { pagesOf, type HistoryEvent, type TaskDetail } from '@orchestra/api-contract';
import { LIMITS } from '@orchestra/workflow-core';
import { print, type CommonOptions } from './commands.js';
import { EXIT, type ExitCode } from './exit-code.js';
import type { System } from './system.js';
import { duration, oneLine, table } from './tables.js';
import { doesText } from './task-kind.js';
import { findApi } from './target.js';

export async function task(
  workflowId: string,
  taskId: string,
  options: CommonOptions,
  system: System,
): Promise<ExitCode> {
  const detail = await (await findApi(options, system)).getTask({ workflowId, taskId });
  print(options, system, detail, () => taskLines(detail));
  return EXIT.done;
}

export async function why(
  workflowId: string,
  taskId: string,
  options: CommonOptions,
  system: System,
): Promise<ExitCode> {
  const explanation = await (await findApi(options, system)).explainTask({ workflowId, taskId });
  print(options, system, explanation, () => [
    `${explanation.taskId}  ${explanation.status}  ${explanation.text}`,
    ...explanation.upstream.map((upstream) => `  ${upstream.taskId}  ${upstream.status}`),
  ]);
  return EXIT.done;
}

/** With `--json`, one document for each event. */
export async function events(
  workflowId: string,
  options: CommonOptions,
  system: System,
): Promise<ExitCode> {
  const api = await findApi(options, system);
  const all: HistoryEvent[] = [];
  const limit = LIMITS.eventPageSize.max;
  for await (const page of pagesOf((cursor) => api.listEvents({ workflowId, limit, cursor })))
    all.push(...page.events);
  if (options.json) for (const event of all) system.terminal.out(JSON.stringify(event));
  else for (const line of eventLines(all)) system.terminal.out(line);
  return EXIT.done;
}

function taskLines(detail: TaskDetail): string[] {
  const { taskId, status, reason, input, output, attempts } = detail;
  return [
    [taskId, oneLine(detail.label ?? ''), status, reason].filter(Boolean).join('  '),
    ...whatItIs(detail),
    ...(detail.notBefore === undefined ? [] : [`retries at ${detail.notBefore}`]),
    ...(detail.child === undefined ? [] : [`runs    ${detail.child}`]),
    ...(input === undefined ? [] : [`input   ${oneLine(JSON.stringify(input))}`]),
    ...(output === undefined ? [] : [`output  ${oneLine(JSON.stringify(output))}`]),
    ...(detail.omitted ?? []).map((name) => `${name} is too large to be shown here`),
    ...(attempts.length === 0
      ? ['no attempt yet']
      : table(
          ['ATTEMPT', 'EPOCH', 'STARTED', 'DURATION', 'REQUEST', 'ERROR'],
          attempts.map((attempt) => [
            String(attempt.attempt),
            String(attempt.epoch),
            attempt.startedAt,
            attempt.endedAt === undefined
              ? '-'
              : duration(Math.max(0, Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt))),
            attempt.requestId ?? '-',
            attempt.error ? oneLine(`${attempt.error.type}: ${attempt.error.message}`) : '',
          ]),
        )),
  ];
}

/** Of a task that is more than a call of a function. */
function whatItIs(detail: TaskDetail): string[] {
  const { kind, hook, forEach, items, item, suspendedAt, wakeAt } = detail;
  const counts = Object.entries(items?.byStatus ?? {}).map(([status, n]) => `${n} ${status}`);
  return [
    ...(kind === 'function' && !hook && !forEach ? [] : [`does    ${doesText(detail)}`]),
    ...(counts.length === 0 ? [] : [`items   ${counts.join(', ')}`]),
    ...(suspendedAt === undefined
      ? []
      : [`waits   since ${suspendedAt}${wakeAt ? ` until ${wakeAt}` : ''}`]),
    ...(item === undefined ? [] : [`item    ${oneLine(JSON.stringify(item))}`]),
  ];
}

const eventLines = (events: readonly HistoryEvent[]): string[] =>
  table(
    ['#', 'TIME', 'WHAT', 'TASK', 'ATTEMPT', 'BY', 'WHY'],
    events.map((event) => [
      String(event.sequence),
      event.at,
      event.type,
      event.taskId ?? '-',
      event.attempt === undefined ? '-' : String(event.attempt),
      event.actor,
      oneLine(whyOf(event)),
    ]),
  );

function whyOf(event: HistoryEvent): string {
  const { reason, error, selection, overrides = [], waitsFor, count, who, note } = event;
  const failure = error && `${error.type}: ${error.message}`;
  const told = [
    ...[reason, failure, selection && selected(selection)],
    ...overrides.map(({ taskId, kind }) => `${taskId}:${kind}`),
    ...[waitsFor && waited(waitsFor), count && `${count} times`, who && `${who}:`, note],
  ];
  return told.filter(Boolean).join(' ');
}

function waited({ until, callback, child, items }: NonNullable<HistoryEvent['waitsFor']>): string {
  if (child !== undefined) return `for ${child}`;
  if (items !== undefined) return `for ${items} items`;
  return callback ? `for an answer until ${until}` : `until ${until}`;
}

/** What a redrive ran again besides all that had not succeeded. */
function selected(selection: NonNullable<HistoryEvent['selection']>): string {
  if (selection.kind === 'unfinished') return '';
  return `[${selection.tasks.join(', ')}${selection.downstream ? ' and below' : ''}]`;
}
