import { randomBytes, randomUUID } from 'node:crypto';
import type { InvokeResult } from '../runtime.js';

/** One event on its way to a sandbox. */
export interface Invocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** X-Ray's header: `Root=...;Parent=...`; every call made on behalf of one another has the same root. */
  readonly traceHeader: string;
}

export function newRequestId(): string {
  return randomUUID();
}

/** Keeps the root of the caller's trace, so that a chain of synchronous calls can be known as one. */
export function traceHeaderFor(callerHeader?: string): string {
  return `Root=${traceRootOf(callerHeader) ?? newRoot()};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

export function traceRootOf(header?: string): string | undefined {
  return /(?:^|;)\s*Root=([^;]+)/.exec(header ?? '')?.[1];
}

export function unhandled(requestId: string, document: object): InvokeResult {
  return { requestId, payload: JSON.stringify(document), functionError: 'Unhandled' };
}

function newRoot(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `1-${seconds}-${randomBytes(12).toString('hex')}`;
}
