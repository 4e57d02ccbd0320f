/** Who has the places of a definition's `concurrency`, and who waits for one. */
import * as z from 'zod';
import { LIMITS } from '@orchestra/workflow-core';
import { timeSchema } from './fields.js';

export const concurrencyQuerySchema = z.object({
  /** Only those with this key. */
  key: z.string().min(1).max(LIMITS.concurrencyKeyLength).optional(),
});

const inLineSchema = z.object({
  workflowId: z.string(),
  /** It has its place, or waits, since then. */
  since: timeSchema,
});

/** `GET /definitions/{name}/concurrency?key=` */
export const concurrencyResponseSchema = z.object({
  name: z.string(),
  /** Of the newest revision; absent when that has none. */
  limit: z.int().optional(),
  /** Those of which a workflow has a place or waits; in the order of their text. */
  keys: z.array(
    z.object({
      /** Absent where the definition has no key: all its workflows wait in one line. */
      key: z.string().optional(),
      /** Of the newest revision that has asked for a place. */
      limit: z.int(),
      holders: z.array(inLineSchema),
      /** The first in line, in their order. */
      waiting: z.array(inLineSchema),
      /** Others wait behind them. */
      moreWaiting: z.boolean(),
    }),
  ),
  /** There may be other keys: ask for one by its name. */
  moreKeys: z.boolean(),
});
export type ConcurrencyResponse = z.infer<typeof concurrencyResponseSchema>;

/** Of a workflow that is PENDING. */
export const waitsForSchema = z.object({
  key: z.string().optional(),
  /** How many are before it in line; absent of one that is far behind. */
  ahead: z.int().optional(),
});
