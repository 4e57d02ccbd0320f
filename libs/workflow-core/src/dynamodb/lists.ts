/** Lists of which a part is read without the rest: so many values in each gzipped part beside the items. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { CorruptItemError, PayloadTooLargeError } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { PayloadOwner } from '../repository.js';
import type { StoredList } from '../workflow.js';
import { payloadKey } from './keys.js';
import { PART_BYTES } from './parts.js';
import { writePart, type PayloadStore } from './payloads.js';
import { readItems } from './reading.js';

/** Fewer where so many do not fit. */
const VALUES_PER_PART = 100;

/** @throws PayloadTooLargeError */
export async function putList(
  store: PayloadStore,
  owner: PayloadOwner,
  values: readonly unknown[],
): Promise<StoredList> {
  const bytes = Buffer.byteLength(JSON.stringify(values));
  if (bytes > LIMITS.payloadBytes) throw new PayloadTooLargeError(bytes, LIMITS.payloadBytes);
  for (let perPart = VALUES_PER_PART; ; perPart = Math.floor(perPart / 2)) {
    const parts = partsOf(values, perPart);
    const largest = Math.max(0, ...parts.map(({ length }) => length));
    if (largest > PART_BYTES) {
      if (perPart === 1) throw new PayloadTooLargeError(largest, PART_BYTES);
      continue;
    }
    await Promise.all(parts.map((body, part) => writePart(store, owner, part, body)));
    return { key: owner.key, count: values.length, perPart };
  }
}

function partsOf(values: readonly unknown[], perPart: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < values.length; start += perPart)
    parts.push(gzipSync(JSON.stringify(values.slice(start, start + perPart))));
  return parts;
}

/** @throws CorruptItemError when a part is not there */
export async function getListRange(
  store: PayloadStore,
  workflowId: string,
  { key, count, perPart }: StoredList,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<readonly unknown[]> {
  const end = Math.min(last, count - 1);
  if (first > end) return [];
  const from = Math.floor(first / perPart);
  const numbers = Array.from({ length: Math.floor(end / perPart) - from + 1 }, (_, n) => from + n);
  const keys = numbers.map((part) => payloadKey(workflowId, key, part));
  const items = await readItems(store, keys);
  const bodies = new Map(items.map((item) => [item['sk']?.S, item['body']?.B]));
  const values = keys.flatMap(({ pk, sk }) => {
    const body = bodies.get(sk.S);
    if (!body) throw new CorruptItemError(`${pk.S} ${sk.S} is missing`);
    return JSON.parse(gunzipSync(body).toString()) as unknown[];
  });
  return values.slice(first - from * perPart, end + 1 - from * perPart);
}
