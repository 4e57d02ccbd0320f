/** The record without some of its fields. */
export function omit<Record extends object, Name extends keyof Record>(
  record: Record,
  ...names: readonly Name[]
): Omit<Record, Name> {
  const left = Object.entries(record).filter(([name]) => !names.includes(name as Name));
  return Object.fromEntries(left) as Omit<Record, Name>;
}
