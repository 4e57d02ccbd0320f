/**
 * The cursor of the list as its caller sees it: the store's own position, together with the filter it belongs to.
 * The checksum tells a cursor of ours from any other text; it is no secret, since a position gives access to nothing.
 */
import { createHash } from 'node:crypto';
import type { WorkflowStatus } from '@orchestra/workflow-core';
import { invalidRequest } from './problems.js';

export function encodeCursor(position: string, status: WorkflowStatus | undefined): string {
  return Buffer.from(`${checksum(position, status)}${position}`).toString('base64url');
}

/** The position. @throws ProblemError for a text that is no cursor of this list with this filter */
export function decodeCursor(cursor: string, status: WorkflowStatus | undefined): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = text.slice(CHECKSUM_LENGTH);
  if (encodeCursor(position, status) === cursor) return position;
  throw invalidRequest('the list cannot be continued from this cursor', [
    { path: 'cursor', message: 'must be the nextCursor of a list with the same status' },
  ]);
}

const CHECKSUM_LENGTH = 8;

const checksum = (position: string, status: WorkflowStatus | undefined) =>
  createHash('sha256')
    .update(`${status ?? ''}/${position}`)
    .digest('hex')
    .slice(0, CHECKSUM_LENGTH);
