/** Whether two values are the same, where of what a function gave it is enough to know which execution it was. */

export const isSame = (one: unknown, other: unknown): boolean => short(one) === short(other);

const short = (value: unknown): string =>
  JSON.stringify(value ?? null, (_, each: unknown) =>
    typeof each === 'object' && each !== null && 'by' in each ? { by: each.by } : each,
  );
