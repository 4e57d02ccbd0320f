/** Commands that change a workflow. Each says what it will do and asks first. */
import type { RedriveResponse } from '@orchestra/api-contract';
import { print, type CommonOptions } from './commands.js';
import { CliError, EXIT, type ExitCode } from './exit-code.js';
import type { System } from './system.js';
import { findApi } from './target.js';

interface OrderOptions extends CommonOptions {
  readonly note?: string;
  /** Without asking. */
  readonly yes?: boolean;
}

export interface RedriveOptions extends OrderOptions {
  readonly dryRun?: boolean;
}

export async function cancel(
  workflowId: string,
  options: OrderOptions,
  system: System,
): Promise<ExitCode> {
  const api = await findApi(options, system);
  const question = `Cancel ${workflowId}? What runs is cut off, and nothing more starts.`;
  if (!(await confirmed(question, options, system))) return EXIT.notDone;
  const cancelled = await api.cancel(workflowId, noteOf(options));
  print(options, system, cancelled, () => [`${cancelled.workflowId}  ${cancelled.status}`]);
  return EXIT.done;
}

export async function redrive(
  workflowId: string,
  options: RedriveOptions & { readonly revision?: number },
  system: System,
): Promise<ExitCode> {
  const api = await findApi(options, system);
  const { revision } = options;
  const order = { ...noteOf(options), ...(revision === undefined ? {} : { revision }) };
  return previewed((dryRun) => api.redrive(workflowId, order, dryRun), options, system);
}

export async function rerun(
  workflowId: string,
  taskId: string,
  options: RedriveOptions & { readonly only?: boolean },
  system: System,
): Promise<ExitCode> {
  const api = await findApi(options, system);
  const order = { ...noteOf(options), downstream: !options.only };
  return previewed((dryRun) => api.rerun(workflowId, taskId, order, dryRun), options, system);
}

/** The preview is what a person agrees to. */
async function previewed(
  ask: (dryRun: boolean) => Promise<RedriveResponse>,
  options: RedriveOptions,
  system: System,
): Promise<ExitCode> {
  if (options.dryRun || !options.yes) {
    const preview = await ask(true);
    if (options.dryRun) {
      print(options, system, preview, () => previewLines(preview));
      return EXIT.done;
    }
    const question = [...previewLines(preview), 'Go on?'].join('\n');
    if (!(await confirmed(question, options, system))) return EXIT.notDone;
  }
  const done = await ask(false);
  print(options, system, done, () => [`${done.workflowId}  ${done.status}  epoch ${done.epoch}`]);
  return EXIT.done;
}

const previewLines = ({ run, keep, definition }: RedriveResponse): string[] => [
  `runs again (${run.length}): ${listed(run)}`,
  `keeps its output (${keep.length}): ${listed(keep)}`,
  `with ${definition.name} (revision ${definition.revision})`,
];

const SHOWN = 20;

function listed(ids: readonly string[]): string {
  if (ids.length === 0) return '-';
  const shown = ids.slice(0, SHOWN).join(', ');
  return ids.length > SHOWN ? `${shown} and ${ids.length - SHOWN} more` : shown;
}

/** @throws CliError where there is nobody to ask */
async function confirmed(
  question: string,
  { yes }: OrderOptions,
  { terminal }: System,
): Promise<boolean> {
  if (yes) return true;
  const answer = await terminal.ask(`${question} [y/N] `);
  if (answer === undefined)
    throw new CliError(EXIT.usage, 'there is no terminal to ask at: give --yes to go on without');
  if (/^y(?:es)?$/i.test(answer.trim())) return true;
  terminal.err('orchestra: nothing was done');
  return false;
}

const noteOf = ({ note }: OrderOptions) => (note === undefined ? {} : { note });
