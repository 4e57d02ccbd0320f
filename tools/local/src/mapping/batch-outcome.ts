import * as z from 'zod';
import type { InvokeResult } from '../runtime.js';

const batchResponse = z
  .object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
  })
  .nullable();

/**
 * How far a batch came: the index of the lowest record that has to be tried again, with all after it, or the length of the batch when none has.
 * An answer that is malformed, or names a record that is not in the batch, fails the whole batch.
 *
 * @param sequenceNumbers of the batch, rising; the function may have got them in another order
 */
export function firstUnfinished(
  result: InvokeResult,
  sequenceNumbers: readonly string[],
  reportsItemFailures: boolean,
): number {
  if (result.functionError) return 0;
  if (!reportsItemFailures) return sequenceNumbers.length;
  const parsed = batchResponse.safeParse(parseJson(result.payload));
  if (!parsed.success) return 0;
  const failed = (parsed.data?.batchItemFailures ?? []).map(({ itemIdentifier }) =>
    sequenceNumbers.indexOf(itemIdentifier),
  );
  if (failed.includes(-1)) return 0;
  return Math.min(sequenceNumbers.length, ...failed);
}

/** An empty answer is a successful one. */
function parseJson(payload: string): unknown {
  try {
    return payload === '' || payload === '""' ? null : JSON.parse(payload);
  } catch {
    return undefined;
  }
}
