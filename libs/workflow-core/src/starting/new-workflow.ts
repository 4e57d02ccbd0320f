/** META of a workflow that begins: of a request, or of a task that runs another workflow. Pure. */
import type { Definition } from '../definition.js';
import { LIMITS } from '../limits.js';
import type { DefinitionRef, Duty, Parent, Workflow } from '../workflow.js';

export interface NewWorkflow {
  readonly workflowId: string;
  readonly ref: DefinitionRef;
  readonly definition: Definition;
  readonly tags?: readonly string[];
  /** It needs a place, and is PENDING until it has one. */
  readonly concurrencyKey?: string;
  /** Of a child: nobody but the stream starts it. */
  readonly child?: {
    readonly parent: Parent;
    readonly depth: number;
    /** Its parent's: it is there for at least as long. */
    readonly expiresAt: number;
  };
}

export interface Beginning {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly firstCheckMs: number;
}

export function newWorkflow(
  { workflowId, ref, definition, tags = [], concurrencyKey, child }: NewWorkflow,
  { now, firstCheckMs }: Beginning,
): Omit<Workflow, 'input' | 'requestHash'> {
  const { timeoutSeconds = LIMITS.workflowTimeoutSeconds.default } = definition;
  const createdAt = new Date(now).toISOString();
  const duties: readonly Duty[] = [
    ...(child ? ['parent' as const] : []),
    ...(concurrencyKey === undefined ? [] : ['place' as const]),
  ];
  const expiresAt = Math.floor(now / 1000) + timeoutSeconds + LIMITS.retentionSeconds;
  return {
    workflowId,
    status: concurrencyKey === undefined ? 'RUNNING' : 'PENDING',
    version: 1,
    epoch: 1,
    definition: ref,
    ...(tags.length > 0 ? { tags } : {}),
    createdAt,
    ...(concurrencyKey === undefined ? { startedAt: createdAt } : { concurrencyKey }),
    nextCheckAt: new Date(now + Math.min(firstCheckMs, timeoutSeconds * 1000)).toISOString(),
    ...(child ? { startBy: 'table', parent: child.parent, depth: child.depth } : {}),
    ...(duties.length > 0 ? { duties } : {}),
    expiresAt: Math.max(expiresAt, child?.expiresAt ?? 0),
  };
}
