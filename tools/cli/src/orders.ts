/** Commands that change a workflow. Each says what it will do and asks first. */
import {
  wholeWorkflow,
  type RedriveResponse,
  type RerunTaskRequest,
  type TaskStatus,
  type Workflow,
} from '@orchestra/api-contract';
import type { ApiClient } from './api-client.js';
import { print, type CommonOptions } from './commands.js';
import { CliError, EXIT, type ExitCode } from './exit-code.js';
import type { System } from './system.js';
import { findApi } from './target.js';

export interface OrderOptions extends CommonOptions {
  readonly who?: string;
  readonly note?: string;
  /** Without asking. */
  readonly yes?: boolean;
}

/** What stands on the command line was parsed as JSON. */
export type Json = RerunTaskRequest['input'];

export interface RedriveOptions extends OrderOptions {
  readonly dryRun?: boolean;
}

export async function cancel(
  workflowId: string,
  options: OrderOptions,
  system: System,
): Promise<ExitCode> {
  const confirmed = confirmation(options, system);
  const api = await findApi(options, system);
  const preview = async () => [
    ...cancelLines(await wholeWorkflow(api, workflowId)),
    `Cancel ${workflowId}?`,
  ];
  if (!(await confirmed(preview))) return EXIT.notDone;
  const cancelled = await api.cancelWorkflow({ workflowId, body: wordsOf(options) });
  print(options, system, cancelled, () => [`${cancelled.workflowId}  ${cancelled.status}`]);
  return EXIT.done;
}

export async function redrive(
  workflowId: string,
  options: RedriveOptions & { readonly revision?: number },
  system: System,
): Promise<ExitCode> {
  const { revision } = options;
  const body = { ...wordsOf(options), ...(revision === undefined ? {} : { revision }) };
  return previewed(
    (api, dryRun) => api.redriveWorkflow({ workflowId, dryRun, body }),
    options,
    system,
  );
}

export async function rerun(
  workflowId: string,
  taskId: string,
  options: RedriveOptions & { readonly only?: boolean; readonly input?: Json },
  system: System,
): Promise<ExitCode> {
  const { input } = options;
  const body = {
    ...wordsOf(options),
    downstream: !options.only,
    ...(input === undefined ? {} : { input }),
  };
  return previewed(
    (api, dryRun) => api.rerunTask({ workflowId, taskId, dryRun, body }),
    options,
    system,
  );
}

/** The preview is what a person agrees to. */
async function previewed(
  send: (api: ApiClient, dryRun: boolean) => Promise<RedriveResponse>,
  options: RedriveOptions,
  system: System,
): Promise<ExitCode> {
  const confirmed = options.dryRun ? undefined : confirmation(options, system);
  const api = await findApi(options, system);
  if (!confirmed) {
    const preview = await send(api, true);
    print(options, system, preview, () => previewLines(preview));
    return EXIT.done;
  }
  if (!(await confirmed(async () => [...previewLines(await send(api, true)), 'Go on?'])))
    return EXIT.notDone;
  const done = await send(api, false);
  print(options, system, done, () => [`${done.workflowId}  ${done.status}  epoch ${done.epoch}`]);
  return EXIT.done;
}

function cancelLines({ workflowId, status, tasks }: Workflow): string[] {
  const thoseIn = (...statuses: readonly TaskStatus[]) =>
    tasks.flatMap((task) => (statuses.includes(task.status) ? [task.taskId] : []));
  return [
    `${workflowId}  ${status}`,
    line('is cut off', thoseIn('RUNNING')),
    line('does not start', thoseIn('READY', 'PENDING')),
  ];
}

const previewLines = ({ run, keep, definition }: RedriveResponse): string[] => [
  line('runs again', run),
  line('keeps its output', keep),
  `with ${definition.name} (revision ${definition.revision})`,
];

const SHOWN = 20;

function line(what: string, ids: readonly string[]): string {
  const shown = ids.length === 0 ? '-' : ids.slice(0, SHOWN).join(', ');
  const others = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : '';
  return `${what} (${ids.length}): ${shown}${others}`;
}

/**
 * Whether to go on; the lines, with the question as the last, are only made where somebody reads them.
 * @throws CliError, before anything is sent, where there is nobody to ask
 */
export function confirmation(
  { yes }: OrderOptions,
  { terminal }: System,
): (lines: () => Promise<readonly string[]>) => Promise<boolean> {
  if (yes) return async () => true;
  const { ask } = terminal;
  if (!ask)
    throw new CliError(EXIT.usage, 'there is no terminal to ask at: give --yes to go on without');
  return async (lines) => {
    const answer = await ask(`${(await lines()).join('\n')} [y/N] `);
    if (/^y(?:es)?$/i.test(answer.trim())) return true;
    terminal.err('orchestra: nothing was done');
    return false;
  };
}

/** Who gives the order, and why. */
export const wordsOf = ({ who, note }: OrderOptions) => ({
  ...(who === undefined ? {} : { who }),
  ...(note === undefined ? {} : { note }),
});
