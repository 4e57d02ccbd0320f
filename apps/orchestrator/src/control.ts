/**
 * An operator pauses a workflow, or lets it go on.
 *
 * (O1) A pause is a word in META. A worker reads META before each claim, so nothing is claimed from then on but by who had
 *      read it before; what runs ends, and what follows from that becomes READY and stays so.
 * (O2) A resume is a word in META too, by which the workflow is due at once; then all that is READY is dispatched. A worker
 *      that saw the pause had been told of a task that was READY before the resume, so this reads it; what becomes READY later
 *      is dispatched as ever. A crash in between is the sweep's.
 */
import {
  LIMITS,
  byEpoch,
  isItemId,
  isPaused,
  isTerminalWorkflow,
  type Control,
  type ControlAnswer,
  type ControlRequest,
  type Task,
  type Workflow,
} from '@orchestra/workflow-core';
import { dispatchTasks, originOfWorkflow } from './carry-out.js';
import { goOnInEpoch } from './go-on.js';
import type { Ports } from './ports.js';

/** Others write META meanwhile. */
const TRIES = 5;

/** Safe to repeat. */
export async function controlWorkflow(
  ports: Ports,
  request: ControlRequest,
): Promise<ControlAnswer> {
  const { workflowId, mode } = request;
  let workflow = await ports.repository.getWorkflow(workflowId);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const refused = whyNot(workflow, request);
    if (!workflow || refused) return refused ?? { kind: 'unknown' };
    const isSo = isPaused(workflow) === (mode === 'pause');
    const written = isSo ? undefined : await write(ports, workflow, request);
    if (!written || written.kind === 'applied') {
      if (mode === 'resume') await dispatchReady(ports, workflow);
      return { kind: 'done', status: workflow.status };
    }
    workflow = written.current as Workflow | undefined;
  }
  return { kind: 'refused', detail: `"${workflowId}" changes too fast: order again` };
}

function whyNot(
  workflow: Workflow | undefined,
  { workflowId, mode }: ControlRequest,
): ControlAnswer | undefined {
  if (!workflow) return { kind: 'unknown' };
  const { status, controls = [] } = workflow;
  if (isTerminalWorkflow(status)) return { kind: 'ended', status };
  const refused = (detail: string) => ({ kind: 'refused' as const, status, detail });
  if (status === 'PENDING')
    return refused(`"${workflowId}" waits for a place: nothing of it runs that could be ${mode}d`);
  // A pause that is the last order there is room for could never be ended.
  const most = mode === 'pause' ? LIMITS.controls - 1 : LIMITS.controls;
  if (controls.length >= most && isPaused(workflow) !== (mode === 'pause'))
    return refused(
      `"${workflowId}" was paused and resumed ${controls.length} times, which is the limit`,
    );
  return undefined;
}

async function write(ports: Ports, workflow: Workflow, { mode, who, note }: ControlRequest) {
  const at = new Date(ports.now()).toISOString();
  const control: Control = {
    ...{ kind: mode, at, epoch: workflow.epoch },
    ...(who === undefined ? {} : { who }),
    ...(note === undefined ? {} : { note }),
  };
  // A pause puts off no look: the next one finds that there is nothing to look for.
  const nextCheckAt = mode === 'resume' ? at : (workflow.nextCheckAt ?? at);
  const [result] = await ports.repository.apply([
    { kind: 'control', workflow, control, nextCheckAt },
  ]);
  return result;
}

/** (O2) */
async function dispatchReady(ports: Ports, { workflowId, epoch }: Workflow): Promise<void> {
  const read = await ports.repository.getWorkflowWithTasks(workflowId);
  if (!read || read.workflow.epoch !== epoch || read.workflow.status !== 'RUNNING') return;
  if (isPaused(read.workflow)) return;
  const graph = await ports.graph(read.workflow.definition);
  const { present, isTorn } = byEpoch(graph, read.workflow, read.tasks);
  if (isTorn) return;
  // What a crash left undecided is written before any of it is dispatched.
  await goOnInEpoch(ports, graph, read, 'operator');
  const now = new Date(ports.now()).toISOString();
  const others = present.filter((task) => isDue(task, now) || isReadyItem(task));
  await dispatchTasks(ports, originOfWorkflow(read.workflow), others);
}

/** A retry whose time has not come is a waiting worker's, or the sweep's. */
const isDue = ({ status, notBefore }: Task, now: string) =>
  status === 'READY' && notBefore !== undefined && notBefore <= now;

const isReadyItem = ({ taskId, status, notBefore }: Task) =>
  status === 'READY' && notBefore === undefined && isItemId(taskId);
