/**
 * A task that runs a workflow: the child's META is inserted here, the stream starts it, and its end ends the task.
 *
 * (C1) What a task starts in an epoch has one id. Whoever starts it again, after a lost reply or a lost worker, finds it.
 * (C2) In a later epoch a child that ended badly goes on, if the task would give it the same again and nobody ordered the task
 *      to run anew; by one conditional write, which names the epoch it goes on for, and only while the epoch has no child of its own.
 * (C3) The child is there before the task names it. What a worker leaves that dies in between is taken on by the next, or
 *      found to be nobody's (orchestrator, K2).
 */
import {
  LIMITS,
  PayloadTooLargeError,
  isSettled,
  isTerminalWorkflow,
  type DefinitionRef,
  type Graph,
  type Parent,
  type StartRequest,
  type TaskDefinition,
  type Workflow,
} from '@orchestra/workflow-core';
import {
  childIdFor,
  childRedrive,
  concurrencyKeyOf,
  isSameEpoch,
  newWorkflow,
  requestHashOf,
  wasSelectedSince,
} from '@orchestra/workflow-core/starting';
import type { Claim, Outcome, Ports } from './ports.js';
import type { Job } from './job.js';

type Json = StartRequest['input'];

type Asked = NonNullable<TaskDefinition['workflow']>;

/** What is asked for, found and checked. */
interface Wanted {
  readonly parent: Parent;
  readonly depth: number;
  readonly ref: DefinitionRef;
  readonly graph: Graph;
  readonly input: Json;
  readonly requestHash: string;
  /** The line it stands in until it has a place, if it needs one. */
  readonly line: { readonly key?: string };
}

export async function startChild(
  job: Job,
  asked: Asked,
  claim: Claim,
  given: unknown,
): Promise<Outcome> {
  const { workflow } = job.values;
  const input = (given ?? null) as Json;
  try {
    const wanted = await find(job, asked, claim, input);
    if ('kind' in wanted) return wanted;
    const child = (await olderChild(job, wanted)) ?? (await newChild(job.ports, workflow, wanted));
    const { workflowId, expiresAt } = workflow;
    const owner = { workflowId, key: `${claim.taskId}#${claim.claimId}.input`, expiresAt };
    const kept = await job.ports.repository.putPayload(owner, input);
    return { kind: 'suspended', child, input: kept };
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error;
    return failed('InputTooLarge', `the input of "${asked.name}": ${error.message}`);
  }
}

async function find(
  { ports, values: { workflow } }: Job,
  asked: Asked,
  { taskId }: Claim,
  input: Json,
): Promise<Wanted | Outcome> {
  const depth = (workflow.depth ?? 0) + 1;
  if (depth > LIMITS.workflowDepth)
    return failed(
      'SubWorkflowTooDeep',
      `"${asked.name}" would have ${depth} workflows above it: the limit is ${LIMITS.workflowDepth}`,
    );
  const ref = await revisionOf(ports, asked);
  if (!ref) return failed('DefinitionNotFound', notFound(asked));
  const graph = await ports.graph(ref);
  const parent = { workflowId: workflow.workflowId, taskId, epoch: workflow.epoch };
  const issues = inputIssues(ports, ref, graph, input);
  if (issues.length > 0) {
    const told = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
    return failed('InvalidInput', `the inputSchema of "${asked.name}" refuses it: ${told}`);
  }
  const workflowId = childIdFor(parent);
  const line = await concurrencyKeyOf(ports.evaluate, graph.definition, {
    workflowId,
    input,
    tags: [],
  });
  if ('issue' in line) return failed('InvalidInput', line.issue.message);
  const requestHash = requestHashOf({ definition: ref, input });
  return { parent, depth, ref, graph, input, requestHash, line };
}

const inputIssues = (
  { checkInput }: Ports,
  { name, revision }: DefinitionRef,
  graph: Graph,
  input: Json,
) => {
  const { inputSchema } = graph.definition;
  return inputSchema ? checkInput(`${name}@${revision}`, inputSchema, input) : [];
};

async function revisionOf(
  { repository }: Ports,
  { name, revision }: Asked,
): Promise<DefinitionRef | undefined> {
  const found = await (revision === undefined
    ? repository.latestRevision(name)
    : repository.getRevision({ name, revision }));
  return found && { name, revision: found.revision };
}

const notFound = ({ name, revision }: Asked) =>
  revision === undefined
    ? `there is no definition "${name}"`
    : `there is no revision ${revision} of a definition "${name}"`;

/** (C1) */
async function newChild(
  { repository, now, settings }: Ports,
  { expiresAt }: Workflow,
  { parent, depth, ref, graph, input, requestHash, line: { key } }: Wanted,
): Promise<string> {
  const workflowId = childIdFor(parent);
  const child = newWorkflow(
    {
      workflowId,
      ref,
      definition: graph.definition,
      child: { parent, depth, expiresAt },
      ...(key === undefined ? {} : { concurrencyKey: key }),
    },
    { now: now(), firstCheckMs: settings.firstCheckMs },
  );
  const owner = { workflowId, key: `.input#${requestHash}`, expiresAt: child.expiresAt };
  const payload = await repository.putPayload(owner, input);
  const created = await repository.createWorkflow({ ...child, requestHash, input: payload });
  // It may run for a later epoch by now: then this claim is over, and whatever it writes is lost.
  if (created.kind === 'exists' && !isSameTask(created.workflow.parent, parent))
    throw new Error(`${workflowId} is not a child of ${parent.workflowId}`);
  return workflowId;
}

const isSameTask = (one: Parent | undefined, { workflowId, taskId }: Parent): boolean =>
  one?.workflowId === workflowId && one.taskId === taskId;

/** (C2) Undefined: the task needs a new one. */
async function olderChild(
  { ports, graph, values: { workflow } }: Job,
  { parent, requestHash }: Wanted,
): Promise<string | undefined> {
  if (parent.epoch === 1) return undefined;
  const { repository } = ports;
  const [task] = await repository.getTasks(parent.workflowId, [parent.taskId]);
  if (task?.child === undefined || (await repository.getWorkflow(childIdFor(parent))))
    return undefined;
  const child = await readSettled(ports, task.child);
  if (!child?.parent) return undefined;
  if (isSameEpoch(child.parent, parent)) return child.workflowId;
  if (child.requestHash !== requestHash || wasSelectedSince(graph, workflow, child.parent))
    return undefined;
  return (await goOn(ports, child, parent)) ? child.workflowId : undefined;
}

async function goOn(ports: Ports, child: Workflow, parent: Parent): Promise<boolean> {
  const { now, settings, repository } = ports;
  const beginning = { now: now(), firstCheckMs: settings.firstCheckMs };
  const order = childRedrive(child, await ports.graph(child.definition), parent, beginning);
  if (!order) return false;
  const [result] = await repository.apply([order]);
  return result?.kind === 'applied';
}

/** Who redrives a parent at once may be faster than what is done last about its child. */
const SETTLE_TRIES = 10;
const SETTLE_PAUSE_MS = 200;

async function readSettled(
  { repository, pause }: Ports,
  workflowId: string,
): Promise<Workflow | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const child = await repository.getWorkflow(workflowId);
    if (!child || !isTerminalWorkflow(child.status) || isSettled(child)) return child;
    if (attempt === SETTLE_TRIES) return child;
    await pause(SETTLE_PAUSE_MS);
  }
}

const failed = (type: string, message: string): Outcome => ({
  kind: 'failed',
  error: { type, message: message.slice(0, LIMITS.errorMessageLength), trace: [] },
});
