/** A record on its way to the function. */
export interface PendingRecord {
  readonly sequenceNumber: string;
  /** Its key as text, the same for all records of one item. */
  readonly item: string;
  /** The record of Lambda's event, as JSON text. */
  readonly json: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** Puts the records of a batch in the order in which the function gets them. */
export type RecordOrder = (records: readonly PendingRecord[]) => readonly PendingRecord[];

/** In the order of their sequence numbers. */
export const inSequence: RecordOrder = (records) => records;

/**
 * In any order across items, each item's records in theirs: all that a stream promises. A function that relies on more
 * works here by luck, so it is not given more. The same seed gives the same orders.
 */
export function shuffledAcrossItems(seed: number): RecordOrder {
  const random = randomOf(seed);
  return (records) => {
    const left = new Map<string, PendingRecord[]>();
    for (const record of records) {
      const ofItem = left.get(record.item);
      if (ofItem) ofItem.push(record);
      else left.set(record.item, [record]);
    }
    const turns = shuffled(
      records.map(({ item }) => item),
      random,
    );
    return turns.flatMap((item) => left.get(item)?.shift() ?? []);
  };
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}

/** Mulberry32: numbers from 0 up to 1. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
