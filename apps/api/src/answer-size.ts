/** An answer has to fit into the 6 MB that Lambda lets out, in which it travels as a text inside JSON. */

/** Bytes; the rest is for what stands around it. */
export const ANSWER_BYTES = 4 * 1024 * 1024;

/** Bytes of a value as it travels: each quote in its JSON costs more than itself. */
export const travelBytes = (value: unknown): number =>
  value === undefined ? 0 : Buffer.byteLength(JSON.stringify(JSON.stringify(value)));

/** As many as fit, and at least one, so that the next page is another. */
export function firstThatFit<Item>(items: readonly Item[], bytes: number): readonly Item[] {
  let sum = 0;
  const tooMany = items.findIndex((item, index) => {
    sum += travelBytes(item);
    return sum > bytes && index > 0;
  });
  return tooMany === -1 ? items : items.slice(0, tooMany);
}

/** The values that fit together; the larger ones are left out first, by their names. */
export function withoutWhatDoesNotFit<Name extends string>(
  values: Readonly<Partial<Record<Name, unknown>>>,
  bytes: number,
): { readonly kept: Partial<Record<Name, unknown>>; readonly omitted: readonly Name[] } {
  const sizes = (Object.entries(values) as [Name, unknown][]).map(
    ([name, value]) => [name, travelBytes(value)] as const,
  );
  let sum = sizes.reduce((total, [, size]) => total + size, 0);
  const omitted = new Set<Name>();
  for (const [name, size] of sizes.toSorted(([, a], [, b]) => b - a)) {
    if (sum <= bytes) break;
    omitted.add(name);
    sum -= size;
  }
  const kept = Object.entries(values).filter(([name]) => !omitted.has(name as Name));
  return {
    kept: Object.fromEntries(kept) as Partial<Record<Name, unknown>>,
    omitted: sizes.flatMap(([name]) => (omitted.has(name) ? [name] : [])),
  };
}
