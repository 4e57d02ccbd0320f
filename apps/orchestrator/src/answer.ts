/**
 * Answers to callbacks.
 *
 * (A1) A token is what the task's item says now: one of an earlier attempt or epoch is unknown.
 * (A2) One answer counts, whichever the store takes first; its repeat is told so again (`requestId`), every other is refused.
 *      What is refused for what it says leaves the callback open.
 * (A3) No answer counts after the deadline, whether the sweep has been there or not.
 * (A4) The workflow may sleep for long: it is made due before the answer is written, and again after it, lest a check in
 *      between has put it off. So a record that gets lost delays it by a minute, unless this dies in between too.
 */
import { timingSafeEqual } from 'node:crypto';
import {
  LIMITS,
  PayloadTooLargeError,
  hasten,
  isOpenCallback,
  isTerminalTask,
  parseCallbackToken,
  taskOf,
  type AnswerAnswer,
  type AnswerRequest,
  type FailTransition,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  type Issue,
  type OpenCallback,
  type SucceedTransition,
  type Task,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Ports } from './ports.js';

interface Found {
  readonly workflow: Workflow;
  readonly task: Task;
}

export async function answerCallback(ports: Ports, request: AnswerRequest): Promise<AnswerAnswer> {
  const found = await find(ports, request.token);
  if (!found) return { kind: 'unknown' };
  const { workflow, task } = found;
  if (isOutcomeOf(request, task)) return accepted(task);
  if (!isOpen(ports, found)) return { kind: 'answered', detail: whyClosed(ports, found) };
  const open = task as OpenCallback;
  const outcome = await outcomeOf(ports, workflow, open, request);
  if ('issues' in outcome) return { kind: 'invalid', issues: [...outcome.issues] };
  const soon = new Date(ports.now() + ports.settings.firstCheckMs).toISOString();
  await hasten(ports, workflow, soon);
  const [result] = await ports.repository.apply([outcome]);
  await hasten(ports, workflow, soon);
  if (result?.kind !== 'lost')
    return accepted({ ...task, status: request.outcome === 'success' ? 'SUCCEEDED' : 'FAILED' });
  const now = { workflow, task: (result.current as Task | undefined) ?? task };
  return { kind: 'answered', detail: whyClosed(ports, now) };
}

/** Others may write the item meanwhile: a heartbeat, of all things. */
const HEARTBEAT_TRIES = 5;

export async function beatCallback(
  ports: Ports,
  { token }: HeartbeatRequest,
): Promise<HeartbeatAnswer> {
  for (let attempt = 0; attempt < HEARTBEAT_TRIES; attempt += 1) {
    const found = await find(ports, token);
    if (!found) return { kind: 'unknown' };
    const { workflow, task } = found;
    if (!isOpen(ports, found)) return { kind: 'answered', detail: whyClosed(ports, found) };
    if ((task.heartbeats ?? 0) >= LIMITS.heartbeats)
      return {
        kind: 'answered',
        detail: `it had ${LIMITS.heartbeats} heartbeats, which is the limit`,
      };
    const graph = await ports.graph(workflow.definition);
    const { timeoutSeconds = 0 } = taskOf(graph, task.taskId)?.callback ?? {};
    const now = ports.now();
    const wakeAt = new Date(now + timeoutSeconds * 1000).toISOString();
    const at = new Date(now).toISOString();
    const [result] = await ports.repository.apply([{ kind: 'heartbeat', task, wakeAt, at }]);
    const { workflowId, taskId } = task;
    if (result?.kind === 'applied')
      return { kind: 'extended', workflowId, taskId, deadline: wakeAt };
  }
  throw new Error('the callback changes faster than its deadline can be put off');
}

/** (A1) Undefined: nobody was told this token, or not for what the task does now. */
async function find({ repository }: Ports, token: string): Promise<Found | undefined> {
  const told = parseCallbackToken(token);
  if (!told) return undefined;
  const read = await repository.getWorkflowAndTasks(told.workflowId, [told.taskId]);
  const task = read?.tasks[0];
  if (!read || !task?.callback || !isSame(task.callback.secret, told.secret)) return undefined;
  return { workflow: read.workflow, task };
}

/** Takes as long for every secret. */
function isSame(secret: string, told: string): boolean {
  const [a, b] = [Buffer.from(secret), Buffer.from(told)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** (A2) */
const isOutcomeOf = ({ requestId }: AnswerRequest, { status, requestId: of }: Task) =>
  isTerminalTask(status) && of === requestId;

const isOpen = (ports: Ports, { workflow, task }: Found): boolean =>
  workflow.status === 'RUNNING' &&
  task.epoch === workflow.epoch &&
  isOpenCallback(task) &&
  !isTooLate(ports, task);

/** (A3) */
const isTooLate = ({ now }: Ports, { wakeAt = '' }: Task) => Date.parse(wakeAt) <= now();

function whyClosed(ports: Ports, { workflow, task }: Found): string {
  const { status, reason, endedAt, wakeAt } = task;
  if (reason === 'TIMEOUT') return `its time was over at ${wakeAt}`;
  if (status === 'CANCELLED') return `its task was cancelled at ${endedAt}`;
  if (reason === 'OPERATOR') return `an operator ended its task at ${endedAt}`;
  if (isTerminalTask(status)) return `it was answered at ${endedAt}`;
  if (workflow.status !== 'RUNNING') return `its workflow is ${workflow.status}`;
  return isTooLate(ports, task) ? `its time was over at ${wakeAt}` : 'its task waits no more';
}

const accepted = ({ workflowId, taskId, status }: Task): AnswerAnswer => ({
  kind: 'accepted',
  workflowId,
  taskId,
  status,
});

type Outcome = SucceedTransition | FailTransition;

/** What of the answer has to change; it is still waited for. */
interface Refused {
  readonly issues: readonly Issue[];
}

async function outcomeOf(
  ports: Ports,
  workflow: Workflow,
  task: OpenCallback,
  request: AnswerRequest,
): Promise<Outcome | Refused> {
  const { workflowId, taskId, claimId = '' } = task;
  const { requestId, who, note, error } = request;
  const common = {
    ...({ workflowId, taskId, claimId, requestId, answers: true, by: 'operator' } as const),
    ...(who === undefined ? {} : { who }),
    ...(note === undefined ? {} : { note }),
    at: new Date(ports.now()).toISOString(),
  };
  if (request.outcome === 'failure') {
    const { type = 'CallbackFailed', message = 'the answer was a failure' } = error ?? {};
    return { ...common, kind: 'fail', error: { type, message, trace: [] } };
  }
  const graph = await ports.graph(workflow.definition);
  const value = request.output ?? null;
  const { schema } = taskOf(graph, taskId)?.callback ?? {};
  const issues = ports.checkAnswer({ ref: workflow.definition, taskId }, schema, value);
  if (issues.length > 0) return { issues };
  const owner = { workflowId, key: `${taskId}#${claimId}#${requestId}`, expiresAt: task.expiresAt };
  try {
    const output = await ports.repository.putPayload(owner, value);
    return { ...common, kind: 'succeed', output };
  } catch (refused) {
    if (!(refused instanceof PayloadTooLargeError)) throw refused;
    return { issues: [{ path: 'output', message: refused.message }] };
  }
}
