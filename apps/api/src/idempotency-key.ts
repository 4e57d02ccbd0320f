/**
 * `Idempotency-Key`: what a request without an id of its own is known by. Nothing is stored for it: the workflow's id or the
 * order's token follows from the key, and the orchestrator does each of them once.
 */
import { createHash } from 'node:crypto';
import { idempotencyKeySchema } from '@orchestra/api-contract';
import { issuesOf } from '@orchestra/workflow-core';
import { invalidRequest } from './problems.js';
import type { Request } from './route.js';

/** @throws ProblemError for a key that cannot be one */
export function idempotencyKeyOf(request: Request): string | undefined {
  const given = request.req.header('idempotency-key');
  if (given === undefined) return undefined;
  const key = idempotencyKeySchema.safeParse(given);
  if (key.success) return key.data;
  throw invalidRequest(
    'the header is not valid',
    issuesOf(key.error).map(({ message }) => ({ path: 'Idempotency-Key', message })),
  );
}

/** `key-` and 26 hexadecimal digits: nobody meets another's by chance. */
export const nameOfKey = (...parts: readonly string[]): string =>
  `key-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 26)}`;
