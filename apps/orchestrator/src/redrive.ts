/**
 * Goes on with a workflow that has ended. One conditional write to META begins its next epoch and nothing else is
 * reset: what counts of older epochs follows from META. Then what can run is made READY, as at a start; a crash in
 * between is finished by the sweep.
 */
import {
  LIMITS,
  deadlineOf,
  isItemId,
  isTerminalWorkflow,
  presentTasks,
  type Actor,
  type AskedOverride,
  type Graph,
  type Redrive,
  type RedriveAnswer,
  type RedriveRequest,
  type Task,
  type TerminalWorkflowStatus,
  type Workflow,
  type WorkflowWithTasks,
} from '@orchestra/workflow-core';
import { goOnInEpoch } from './go-on.js';
import { overrideProblem, storeOverrides } from './overrides.js';
import { enqueue } from './places.js';
import type { Ports } from './ports.js';
import { isUnsettled, settleEnded } from './stop.js';

type Refusal = Extract<RedriveAnswer, { detail: string }>;

export async function redriveWorkflow(
  ports: Ports,
  request: RedriveRequest,
): Promise<RedriveAnswer> {
  const read = await readSettled(ports, request.workflowId);
  if (!read) return refusal('unknown', `there is no workflow "${request.workflowId}"`);
  if (read.workflow.redrives?.at(-1)?.token === request.token) return repeat(ports, read);
  const order = await prepare(ports, read, request);
  if ('detail' in order) return order;
  if (request.dryRun)
    return answerOf('preview', order.graph, { workflow: order.after, tasks: read.tasks });
  const { graph, redrive, after } = await withOverrides(ports, order, request.overrides);
  const [result] = await ports.repository.apply([
    {
      kind: 'redrive',
      workflow: read.workflow,
      definition: after.definition,
      redrive,
      nextCheckAt: after.nextCheckAt,
    },
  ]);
  if (result?.kind !== 'applied')
    return refusal('running', 'somebody else acted on it at the same moment');
  ports.count('WorkflowsRedriven');
  return goOn(ports, graph, { workflow: after, tasks: read.tasks });
}

/** Others may stop and redrive it while this order looks. */
const SETTLE_TRIES = 3;

/** What a crash of a cancel left is stopped first: nothing of an older epoch may still run. */
async function readSettled(
  ports: Ports,
  workflowId: string,
): Promise<WorkflowWithTasks | undefined> {
  for (let attempt = 0; attempt < SETTLE_TRIES; attempt += 1) {
    const read = await ports.repository.getWorkflowWithTasks(workflowId);
    if (!read || !isUnsettled(read.workflow)) return read;
    await settleEnded(ports, read.workflow, 'operator');
  }
  return ports.repository.getWorkflowWithTasks(workflowId);
}

/** The same order again: its answer was lost, or it died on the way. */
async function repeat(ports: Ports, read: WorkflowWithTasks): Promise<RedriveAnswer> {
  const graph = await ports.graph(read.workflow.definition);
  return isTerminalWorkflow(read.workflow.status)
    ? answerOf('redriven', graph, read)
    : goOn(ports, graph, read);
}

/** Makes READY what the new epoch can run at once. Safe to repeat. */
export async function goOn(
  ports: Ports,
  graph: Graph,
  read: WorkflowWithTasks,
  by: Actor = 'operator',
): Promise<RedriveAnswer> {
  if (read.workflow.status === 'PENDING')
    return answerOf('redriven', graph, await inLine(ports, read));
  await goOnInEpoch(ports, graph, read, by);
  return answerOf('redriven', graph, read);
}

/** Its new epoch needs a place. */
async function inLine(ports: Ports, read: WorkflowWithTasks): Promise<WorkflowWithTasks> {
  const status = await enqueue(ports, read.workflow);
  return { ...read, workflow: { ...read.workflow, status } };
}

interface Order {
  readonly graph: Graph;
  readonly redrive: Redrive;
  /** META as the redrive leaves it. */
  readonly after: Workflow & { readonly nextCheckAt: string };
}

async function prepare(
  ports: Ports,
  { workflow, tasks }: WorkflowWithTasks,
  request: RedriveRequest,
): Promise<Order | Refusal> {
  const { status, definition, redrives = [], parent } = workflow;
  if (parent)
    return refusal(
      'isChild',
      `it runs for task "${parent.taskId}" of workflow "${parent.workflowId}": redrive that one, and this one goes on with it`,
    );
  if (isUnsettled(workflow))
    return refusal('running', 'it is being stopped at this moment: try again');
  if (!isTerminalWorkflow(status))
    return refusal('running', `it is ${status}: only a workflow that has ended can be redriven`);
  if (redrives.length >= LIMITS.redrives)
    return refusal('tooMany', `it was redriven ${LIMITS.redrives} times, which is the limit`);
  if (JSON.stringify(redrives).length > LIMITS.redrivesLength)
    return refusal(
      'tooMany',
      `what its ${redrives.length} redrives said of tasks fills the workflow's item`,
    );
  const revision = request.revision ?? definition.revision;
  const ref = { name: definition.name, revision };
  if (!(await ports.repository.getDefinition(ref)))
    return refusal('unknownRevision', `"${ref.name}" has no revision ${revision}`);
  const graph = await ports.graph(ref);
  const stranger =
    request.selection.kind === 'tasks' &&
    request.selection.tasks.find((id) => !isThere(graph, tasks, id));
  if (stranger) return refusal('unknownTask', `it has no task "${stranger}"`);
  const order = orderOf(ports, { ...workflow, status }, graph, request, ref);
  const why =
    whyNot(await ports.graph(definition), { workflow, tasks }, order) ??
    whyNotOverridden(graph, { workflow: order.after, tasks }, request.overrides ?? []);
  return why ?? order;
}

/** An item of a map only where the map had it. */
const isThere = (graph: Graph, tasks: readonly Task[], id: string): boolean =>
  isItemId(id) ? tasks.some(({ taskId }) => taskId === id) : graph.upstream.has(id);

function orderOf(
  ports: Ports,
  workflow: Workflow & { readonly status: TerminalWorkflowStatus },
  graph: Graph,
  { token, selection, note, who }: RedriveRequest,
  definition: Workflow['definition'],
): Order {
  const { status, endedAt, endedBy, reason, note: endNote, who: endWho, ...kept } = workflow;
  const end = { endedAt, endedBy, reason, note: endNote, who: endWho };
  const now = ports.now();
  const redrive: Redrive = {
    epoch: workflow.epoch + 1,
    at: new Date(now).toISOString(),
    token,
    selection,
    fromRevision: workflow.definition.revision,
    from: { status, ...present(end) },
    ...present({ note, who }),
  };
  const begun: Workflow = {
    ...kept,
    status: workflow.concurrencyKey === undefined ? 'RUNNING' : 'PENDING',
    epoch: redrive.epoch,
    definition,
    version: workflow.version + 1,
    redrives: [...(workflow.redrives ?? []), redrive],
  };
  const firstCheck = Math.min(
    now + ports.settings.firstCheckMs,
    deadlineOf(graph.definition, begun),
  );
  return { graph, redrive, after: { ...begun, nextCheckAt: new Date(firstCheck).toISOString() } };
}

/** What it says of single tasks is stored before the write that names it. */
async function withOverrides(
  ports: Ports,
  { graph, redrive, after }: Order,
  asked: RedriveRequest['overrides'],
): Promise<Order> {
  if (!asked) return { graph, redrive, after };
  const said = { ...redrive, overrides: await storeOverrides(ports, after, redrive, asked) };
  const redrives = [...(after.redrives ?? []).slice(0, -1), said];
  return { graph, redrive: said, after: { ...after, redrives } };
}

function whyNotOverridden(
  graph: Graph,
  after: WorkflowWithTasks,
  asked: readonly AskedOverride[],
): Refusal | undefined {
  for (const [index, override] of asked.entries()) {
    if (asked.findIndex(({ taskId }) => taskId === override.taskId) !== index)
      return refusal('notOverridable', `"${override.taskId}" is named twice`);
    const problem = overrideProblem(graph, after, override);
    if (problem) return refusal(problem.kind, problem.detail);
  }
  return undefined;
}

function whyNot(
  before: Graph,
  { workflow, tasks }: WorkflowWithTasks,
  { graph, after }: Order,
): Refusal | undefined {
  if (deadlineOf(graph.definition, after) > after.expiresAt * 1000)
    return refusal('tooLate', 'its items expire before it could run to its deadline');
  const { name, revision } = after.definition;
  if ((graph.definition.concurrency === undefined) !== (workflow.concurrencyKey === undefined))
    return refusal(
      'revisionDiffers',
      `revision ${revision} of "${name}" ${graph.definition.concurrency ? 'has' : 'has no'} concurrency limit, unlike the one it began with`,
    );
  const { run, keep } = outlook(graph, { workflow: after, tasks });
  if (run.length === 0)
    return refusal('nothingToRun', 'every task has succeeded and none is named to run again');
  const kept = new Set(presentTasks(before, workflow, tasks).map(({ taskId }) => taskId));
  const changed = keep.find((id) => !kept.has(id) || !hasSameAncestry(before, graph, id));
  return changed === undefined
    ? undefined
    : refusal(
        'revisionDiffers',
        `revision ${after.definition.revision} changes what "${changed}", which is finished, depends on`,
      );
}

/** Whether a task and all it follows from depend on the same tasks in both. */
function hasSameAncestry(before: Graph, after: Graph, taskId: string): boolean {
  const seen = new Set([taskId]);
  for (const id of seen) {
    const upstream = [...(after.upstream.get(id) ?? [])].sort();
    const previous = [...(before.upstream.get(id) ?? [])].sort();
    if (!before.tasks.has(id) || upstream.join(' ') !== previous.join(' ')) return false;
    for (const up of upstream) seen.add(up);
  }
  return true;
}

/** What a new epoch runs, and what it keeps. */
function outlook(graph: Graph, { workflow, tasks }: WorkflowWithTasks) {
  const kept = new Set(
    presentTasks(graph, workflow, tasks).flatMap(({ taskId, epoch }) =>
      epoch < workflow.epoch ? [taskId] : [],
    ),
  );
  // Hooks follow from whatever runs (planner, P6).
  const ids = [...graph.upstream.keys()];
  return { run: ids.filter((id) => !kept.has(id)), keep: ids.filter((id) => kept.has(id)) };
}

function answerOf(
  kind: 'redriven' | 'preview',
  graph: Graph,
  read: { readonly workflow: Workflow; readonly tasks: readonly Task[] },
): RedriveAnswer {
  const { status, epoch, definition } = read.workflow;
  return { kind, status, epoch, definition, ...outlook(graph, read) };
}

const refusal = (kind: Refusal['kind'], detail: string): Refusal => ({ kind, detail });

const present = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<Fields>;
