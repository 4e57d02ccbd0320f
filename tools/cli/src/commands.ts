/** What each command does; `command-line.ts` reads its options. Each answers its exit code. */
import { LIMITS } from '@orchestra/workflow-core';
import {
  wholeWorkflow,
  type StartWorkflowRequest,
  type Workflow,
  type WorkflowStatus,
  type WorkflowSummary,
} from '@orchestra/api-contract';
import { EXIT, type ExitCode } from './exit-code.js';
import {
  invocationLine,
  invocationTable,
  invokeTaskFunctions,
  startThroughOrchestrator,
  type InvokeAllReport,
} from './invoke-all.js';
import type { System } from './system.js';
import { workflowListTable, workflowTable } from './tables.js';
import { findApi, findFunctions, type TargetOptions } from './target.js';
import { liveView, watchWorkflow } from './watch.js';
import { createMapCounter, type MapsProgress } from './map-progress.js';

export interface CommonOptions extends TargetOptions {
  readonly json?: boolean;
}

interface StartOptions extends CommonOptions {
  readonly id?: string;
  readonly definition?: StartWorkflowRequest['definition'];
  readonly input?: unknown;
  readonly tag?: readonly string[];
}

export async function start(options: StartOptions, system: System): Promise<ExitCode> {
  const api = await findApi(options, system);
  const body = {
    workflowId: options.id,
    definition: options.definition,
    tags: options.tag === undefined ? undefined : [...options.tag],
    input: options.input,
  };
  const started = await api.startWorkflow({ body });
  print(options, system, started, () => [`${started.workflowId}  ${started.status}`]);
  return EXIT.done;
}

export interface ListOptions extends CommonOptions {
  readonly status?: WorkflowStatus;
  /** How many workflows at most. */
  readonly limit: number;
  readonly all?: boolean;
}

export async function list(options: ListOptions, system: System): Promise<ExitCode> {
  const api = await findApi(options, system);
  const wanted = options.all ? Infinity : options.limit;
  const workflows: WorkflowSummary[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(wanted - workflows.length, LIMITS.listPageSize.max);
    const page = await api.listWorkflows({ status: options.status, limit, cursor });
    workflows.push(...page.workflows);
    cursor = page.nextCursor;
  } while (cursor !== undefined && workflows.length < wanted);
  const more = cursor !== undefined;
  print(options, system, { workflows, more }, () => [
    ...(workflows.length === 0 ? ['no workflows'] : workflowListTable(workflows)),
    ...(more ? ['there are more: --limit or --all shows them'] : []),
  ]);
  return EXIT.done;
}

export async function get(
  workflowId: string,
  options: CommonOptions,
  system: System,
): Promise<ExitCode> {
  const api = await findApi(options, system);
  const workflow = await wholeWorkflow(api, workflowId);
  const progress = options.json ? undefined : await createMapCounter({ ...system, api })(workflow);
  print(options, system, workflow, () => workflowTable(workflow, progress));
  return EXIT.done;
}

/** With `--json`, one document for every change. */
export async function watch(
  workflowId: string,
  options: CommonOptions,
  system: System,
): Promise<ExitCode> {
  const api = await findApi(options, system);
  const ended = await watchWorkflow({ ...system, api }, workflowId, viewFor(options, system));
  return exitCodeOf(ended);
}

export async function invokeAll(
  options: CommonOptions & { readonly input?: unknown },
  system: System,
): Promise<ExitCode> {
  const { terminal } = system;
  const tell = (line: string) => (options.json ? undefined : terminal.out(line));
  const api = await findApi(options, system);
  const functions = await findFunctions(options, system);
  const input = options.input ?? {};
  const invocations = await invokeTaskFunctions(functions, input, system, (invocation) =>
    tell(invocationLine(invocation)),
  );
  const workflowId = await startThroughOrchestrator(functions, input, system);
  const view = options.json ? () => {} : viewFor(options, system);
  const workflow = await watchWorkflow({ ...system, api }, workflowId, view);
  const report: InvokeAllReport = { functions: invocations, workflow };
  print(options, system, report, () => [
    '',
    ...invocationTable(invocations),
    '',
    ...workflowTable(workflow),
  ]);
  return invocations.every(({ ok }) => ok) ? exitCodeOf(workflow) : EXIT.notDone;
}

const exitCodeOf = ({ status }: Workflow): ExitCode =>
  status === 'SUCCESS' ? EXIT.done : EXIT.notDone;

function viewFor(
  { json }: CommonOptions,
  { terminal }: System,
): (workflow: Workflow, progress: MapsProgress) => void {
  return json ? (workflow) => terminal.out(JSON.stringify(workflow)) : liveView(terminal);
}

export function print(
  { json }: CommonOptions,
  { terminal }: System,
  document: unknown,
  lines: () => readonly string[],
): void {
  for (const line of json ? [JSON.stringify(document)] : lines()) terminal.out(line);
}
