/**
 * A cursor as its caller sees it: the position in a list, together with the list it belongs to, such as its filter. The checksum tells a cursor of ours from any other text; it is no secret, since a position gives access to nothing.
 */
import { createHash } from 'node:crypto';
import { invalidRequest } from './problems.js';

export function encodeCursor(position: string, list: string): string {
  return Buffer.from(`${checksum(position, list)}${position}`).toString('base64url');
}

/** The position. @throws ProblemError for a text that is no cursor of this list */
export function decodeCursor(cursor: string, list: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = text.slice(CHECKSUM_LENGTH);
  if (encodeCursor(position, list) === cursor) return position;
  throw invalidRequest('the list cannot be continued from this cursor', [
    { path: 'cursor', message: 'must be the nextCursor of the same list' },
  ]);
}

const CHECKSUM_LENGTH = 8;

const checksum = (position: string, list: string) =>
  createHash('sha256').update(`${list}/${position}`).digest('hex').slice(0, CHECKSUM_LENGTH);
