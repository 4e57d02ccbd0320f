/**
 * Starts a workflow: META is inserted (the commit point, already due for a check), then its roots. Idempotent: the
 * same id and body is the same workflow; a crash in between is finished by the client's retry or by the sweep.
 */
import { createHash } from 'node:crypto';
import {
  LIMITS,
  diamond,
  type Definition,
  type StartAnswer,
  type StartRequest,
  type Workflow,
} from '@orchestra/workflow-core';
import { dispatchTasks, originOfWorkflow, startRoots } from './carry-out.js';
import type { Ports } from './ports.js';

export async function startWorkflow(ports: Ports, request: StartRequest): Promise<StartAnswer> {
  const { repository } = ports;
  const input = request.input ?? {};
  // The sample was all there was once: its workflows hash their input alone.
  const requestHash = hashOf(request.definition ? [request.definition, input] : input);
  const ref = request.definition ?? (await ports.register(diamond));
  const graph = await ports.graph(ref);
  const workflow = newWorkflow(ports, request.workflowId, ref, requestHash, graph.definition);
  // Parts of a large input would be written before META tells whether the id is free.
  if (!fitsInline(input)) {
    const present = await repository.getWorkflow(request.workflowId);
    if (present) return existing(ports, present, requestHash);
  }
  const owner = {
    workflowId: workflow.workflowId,
    key: `.input#${requestHash}`,
    expiresAt: workflow.expiresAt,
  };
  const created = await repository.createWorkflow({
    ...workflow,
    input: await repository.putPayload(owner, input),
  });
  if (created.kind === 'exists') return existing(ports, created.workflow, requestHash);
  ports.count('WorkflowsStarted');
  await startRoots(ports, originOfWorkflow(workflow), graph);
  return { kind: 'created', workflowId: workflow.workflowId, status: workflow.status };
}

function newWorkflow(
  ports: Ports,
  workflowId: string,
  ref: Workflow['definition'],
  requestHash: string,
  { timeoutSeconds = LIMITS.workflowTimeoutSeconds.default }: Definition,
): Omit<Workflow, 'input'> {
  const now = ports.now();
  const createdAt = new Date(now).toISOString();
  return {
    workflowId,
    status: 'RUNNING',
    version: 1,
    epoch: 1,
    definition: ref,
    requestHash,
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

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
