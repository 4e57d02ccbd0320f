/**
 * Starts a workflow: META is inserted (the commit point, already due for a check), then its roots. Idempotent: the
 * same id and body is the same workflow; a crash in between is finished by the client's retry or by the sweep.
 */
import { createHash } from 'node:crypto';
import {
  CorruptItemError,
  LIMITS,
  canonicalJson,
  type Definition,
  type DefinitionRef,
  type Graph,
  type StartAnswer,
  type StartRequest,
  type Workflow,
} from '@orchestra/workflow-core';
import { dispatchTasks, originOfWorkflow, startRoots } from './carry-out.js';
import type { Ports } from './ports.js';

export async function startWorkflow(ports: Ports, request: StartRequest): Promise<StartAnswer> {
  const { repository } = ports;
  const { workflowId, input = {} } = request;
  const requestHash = requestHashOf(request);
  const asBefore = async () => {
    const present = await repository.getWorkflow(workflowId);
    return present && existing(ports, present, requestHash);
  };
  // Parts of a large input would be written before META tells whether the id is free.
  if (!fitsInline(input)) {
    const answer = await asBefore();
    if (answer) return answer;
  }
  const pinned = await pin(ports, request.definition, input);
  // What has changed since the first time cannot refuse a repeated request.
  if ('kind' in pinned) return (await asBefore()) ?? pinned;
  const { ref, graph } = pinned;
  const workflow = newWorkflow(ports, request, ref, graph.definition);
  const owner = { workflowId, key: `.input#${requestHash}`, expiresAt: workflow.expiresAt };
  const created = await repository.createWorkflow({
    ...workflow,
    requestHash,
    input: await repository.putPayload(owner, input),
  });
  if (created.kind === 'exists') return existing(ports, created.workflow, requestHash);
  ports.count('WorkflowsStarted');
  await startRoots(ports, originOfWorkflow(workflow), graph);
  return { kind: 'created', workflowId, status: workflow.status };
}

interface Pinned {
  readonly ref: DefinitionRef;
  readonly graph: Graph;
}

/** The revision the workflow keeps for ever, or why it cannot start. */
async function pin(
  ports: Ports,
  asked: StartRequest['definition'],
  input: unknown,
): Promise<Pinned | StartAnswer> {
  const pinned = await findRevision(ports, asked);
  if (!pinned) return unknownDefinition(asked);
  const { ref, graph } = pinned;
  const issues = ports.checkInput(ref, graph.definition.inputSchema, input);
  return issues.length > 0 ? { kind: 'invalid', issues: [...issues] } : pinned;
}

async function findRevision(
  ports: Ports,
  asked: StartRequest['definition'],
): Promise<Pinned | undefined> {
  const ref = asked ? await revisionOf(ports, asked) : await ports.sample();
  if (!ref) return undefined;
  try {
    return { ref, graph: await ports.graph(ref) };
  } catch (error) {
    if (error instanceof CorruptItemError && !(await isStored(ports, ref))) return undefined;
    throw error;
  }
}

/** One that is given is not looked up: its graph is kept, and that costs nothing. */
async function revisionOf(
  { repository, sample }: Ports,
  { name, revision }: NonNullable<StartRequest['definition']>,
): Promise<DefinitionRef | undefined> {
  if (revision !== undefined) return { name, revision };
  const latest = await repository.latestRevision(name);
  if (latest) return { name, revision: latest.revision };
  const shipped = await sample();
  return shipped.name === name ? shipped : undefined;
}

/** Revisions are counted from 1 without a gap, and none is ever removed. */
const isStored = async ({ repository }: Ports, { name, revision }: DefinitionRef) =>
  revision <= ((await repository.latestRevision(name))?.revision ?? 0);

/**
 * Of what was asked, not of the revision that was found: the same request again is the same workflow, even when a newer
 * revision came in between.
 */
function requestHashOf({ definition, input = {}, tags = [] }: StartRequest): string {
  // The sample without tags was all there was once: its workflows hash their input alone.
  if (!definition && tags.length === 0) return hashOf(input);
  return hashOf([definition ?? null, input, ...(tags.length > 0 ? [tags] : [])]);
}

const unknownDefinition = (asked: StartRequest['definition']): StartAnswer => ({
  kind: 'unknownDefinition',
  detail:
    asked?.revision === undefined
      ? `there is no definition "${asked?.name}"`
      : `there is no revision ${asked.revision} of a definition "${asked.name}"`,
});

function newWorkflow(
  ports: Ports,
  { workflowId, tags = [] }: StartRequest,
  ref: DefinitionRef,
  { timeoutSeconds = LIMITS.workflowTimeoutSeconds.default }: Definition,
): Omit<Workflow, 'input' | 'requestHash'> {
  const now = ports.now();
  const createdAt = new Date(now).toISOString();
  return {
    workflowId,
    status: 'RUNNING',
    version: 1,
    epoch: 1,
    definition: ref,
    ...(tags.length > 0 ? { tags } : {}),
    createdAt,
    startedAt: createdAt,
    nextCheckAt: new Date(
      now + Math.min(ports.settings.firstCheckMs, timeoutSeconds * 1000),
    ).toISOString(),
    expiresAt: Math.floor(now / 1000) + timeoutSeconds + LIMITS.retentionSeconds,
  };
}

async function existing(
  ports: Ports,
  workflow: Workflow,
  requestHash: string,
): Promise<StartAnswer> {
  const { workflowId, status } = workflow;
  if (workflow.requestHash !== requestHash) return { kind: 'conflict', workflowId, status };
  if (status === 'RUNNING') await startMissingRoots(ports, workflow);
  return { kind: 'existing', workflowId, status };
}

/** The first try may have died between META and its roots, or before it told a worker of them. */
async function startMissingRoots(ports: Ports, workflow: Workflow): Promise<void> {
  const graph = await ports.graph(workflow.definition);
  const there = await ports.repository.getTasks(workflow.workflowId, graph.roots);
  const ids = new Set(there.map(({ taskId }) => taskId));
  const missing = graph.roots.filter((id) => !ids.has(id));
  const origin = originOfWorkflow(workflow);
  if (missing.length > 0) await startRoots(ports, origin, { ...graph, roots: missing });
  const untouched = there.filter(({ status, version }) => status === 'READY' && version === 1);
  await dispatchTasks(ports, origin, untouched);
}

const fitsInline = (input: unknown) =>
  Buffer.byteLength(JSON.stringify(input)) <= LIMITS.inlinePayloadBytes;

/** The order of an object's keys does not make another body. */
const hashOf = (input: unknown) =>
  createHash('sha256').update(canonicalJson(input)).digest('base64url').slice(0, 22);
