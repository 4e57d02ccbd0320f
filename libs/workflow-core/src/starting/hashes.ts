/** Hashes that name a start. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.js';
import { childIdOf } from '../duties.js';
import type { StartRequest } from '../messages.js';
import type { Parent } from '../workflow.js';

/**
 * Of what was asked, not of the revision that was found: the same request again is the same workflow, even when a newer
 * revision came in between.
 */
export function requestHashOf({
  definition,
  input = {},
  tags = [],
}: Pick<StartRequest, 'definition' | 'input' | 'tags'>): string {
  // The sample without tags was all there was once: its workflows hash their input alone.
  if (!definition && tags.length === 0) return hashOf(input);
  return hashOf([definition ?? null, input, ...(tags.length > 0 ? [tags] : [])]);
}

/** The order of an object's keys does not make another body. */
const hashOf = (input: unknown) =>
  createHash('sha256').update(canonicalJson(input)).digest('base64url').slice(0, 22);

/** The one id of the workflow that a task starts in an epoch: whoever starts it again finds it there. */
export const childIdFor = ({ workflowId, taskId, epoch }: Parent): string =>
  childIdOf(
    base32(
      createHash('sha256')
        .update(JSON.stringify([workflowId, taskId, epoch]))
        .digest(),
    ),
  );

const BASE_32 = 'abcdefghijklmnopqrstuvwxyz234567';
const CHARACTERS = 26;

/** The first 130 bits. */
function base32(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; text.length < CHARACTERS; at += 5) {
    const byte = Math.floor(at / 8);
    const two = ((bytes[byte] ?? 0) << 8) | (bytes[byte + 1] ?? 0);
    text += BASE_32[(two >> (11 - (at % 8))) & 31];
  }
  return text;
}
