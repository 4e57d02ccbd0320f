/**
 * Starts a workflow: META is inserted (the commit point, already due for a check), then its roots. Idempotent: the
 * same id and body is the same workflow; a crash in between is finished by the client's retry or by the sweep.
 */
import {
  CorruptItemError,
  LIMITS,
  isChildId,
  type DefinitionRef,
  type Graph,
  type StartAnswer,
  type StartRequest,
  type Workflow,
} from '@orchestra/workflow-core';
import { concurrencyKeyOf, newWorkflow, requestHashOf } from '@orchestra/workflow-core/starting';
import { originOfWorkflow, startRoots } from './carry-out.js';
import { startMissingRoots } from './go-on.js';
import { enqueue } from './places.js';
import type { Ports } from './ports.js';

export async function startWorkflow(ports: Ports, request: StartRequest): Promise<StartAnswer> {
  const { repository } = ports;
  const { workflowId, input = {}, tags } = request;
  if (isChildId(workflowId)) return { kind: 'invalid', issues: [ENGINES_OWN] };
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
  const pinned = await pin(ports, request, input);
  // What has changed since the first time cannot refuse a repeated request.
  if ('kind' in pinned) return (await asBefore()) ?? pinned;
  const { ref, graph, concurrencyKey } = pinned;
  const workflow = newWorkflow(
    {
      workflowId,
      ref,
      definition: graph.definition,
      ...(tags ? { tags } : {}),
      ...(concurrencyKey === undefined ? {} : { concurrencyKey }),
    },
    { now: ports.now(), firstCheckMs: ports.settings.firstCheckMs },
  );
  const owner = { workflowId, key: `.input#${requestHash}`, expiresAt: workflow.expiresAt };
  const meta = { ...workflow, requestHash, input: await repository.putPayload(owner, input) };
  const created = await repository.createWorkflow(meta);
  if (created.kind === 'exists') return existing(ports, created.workflow, requestHash);
  ports.count('WorkflowsStarted');
  if (meta.status === 'PENDING')
    return { kind: 'created', workflowId, status: await enqueue(ports, meta) };
  await startRoots(ports, originOfWorkflow(workflow), graph);
  return { kind: 'created', workflowId, status: workflow.status };
}

const ENGINES_OWN = {
  path: 'workflowId',
  message: 'ids of this form are given to workflows that a task runs',
};

interface Pinned {
  readonly ref: DefinitionRef;
  readonly graph: Graph;
  /** It needs a place. */
  readonly concurrencyKey?: string;
}

/** The revision the workflow keeps for ever, or why it cannot start. */
async function pin(
  ports: Ports,
  { workflowId, definition: asked, tags = [] }: StartRequest,
  input: unknown,
): Promise<Pinned | StartAnswer> {
  const pinned = await findRevision(ports, asked);
  if (!pinned) return unknownDefinition(asked);
  const { definition } = pinned.graph;
  const issues = ports.checkInput(pinned.ref, definition.inputSchema, input);
  if (issues.length > 0) return { kind: 'invalid', issues: [...issues] };
  const found = await concurrencyKeyOf(ports.evaluate, definition, { workflowId, input, tags });
  if ('issue' in found) return { kind: 'invalid', issues: [found.issue] };
  return { ...pinned, ...(found.key === undefined ? {} : { concurrencyKey: found.key }) };
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

const unknownDefinition = (asked: StartRequest['definition']): StartAnswer => ({
  kind: 'unknownDefinition',
  detail:
    asked?.revision === undefined
      ? `there is no definition "${asked?.name}"`
      : `there is no revision ${asked.revision} of a definition "${asked.name}"`,
});

async function existing(
  ports: Ports,
  workflow: Workflow,
  requestHash: string,
): Promise<StartAnswer> {
  const { workflowId, status } = workflow;
  if (workflow.requestHash !== requestHash) return { kind: 'conflict', workflowId, status };
  if (status === 'RUNNING') await startMissingRoots(ports, workflow);
  const now = status === 'PENDING' ? await enqueue(ports, workflow) : status;
  return { kind: 'existing', workflowId, status: now };
}

const fitsInline = (input: unknown) =>
  Buffer.byteLength(JSON.stringify(input)) <= LIMITS.inlinePayloadBytes;
