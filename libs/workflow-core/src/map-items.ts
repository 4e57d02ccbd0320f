/** The items of a map are tasks of their own: `B[0]`, `B[1]`, ... No other id has brackets. Pure. */
import { ID_PATTERN } from './limits.js';

const ITEM_ID = /^(.+)\[(0|[1-9]\d{0,4})\]$/;

export interface ItemId {
  /** The map's. */
  readonly taskId: string;
  readonly index: number;
}

export const itemId = (taskId: string, index: number): string => `${taskId}[${index}]`;

/** Undefined: it is no item of a map. */
export function parseItemId(id: string): ItemId | undefined {
  if (!id.endsWith(']')) return undefined;
  const [, taskId, index] = ITEM_ID.exec(id) ?? [];
  if (taskId === undefined || !ID_PATTERN.test(taskId)) return undefined;
  return { taskId, index: Number(index) };
}

export const isItemId = (id: string): boolean => parseItemId(id) !== undefined;

/** The task of the definition that `id` is, or is an item of. */
export const definedId = (id: string): string => parseItemId(id)?.taskId ?? id;
