/** A ratio within one run: machines differ, what they measure against themselves does not. */
export interface Comparison {
  readonly line: string;
  readonly ratio: number;
  readonly holds: boolean;
}

export interface Measured {
  readonly what: string;
  readonly unit: string;
  /** Above 0. */
  readonly before: number;
  readonly after: number;
  /** The highest ratio of after to before that is accepted. */
  readonly atMost: number;
}

export function compare({ what, unit, before, after, atMost }: Measured): Comparison {
  const ratio = before > 0 ? after / before : Infinity;
  const holds = ratio <= atMost;
  const costs = `${before.toFixed(0)} and ${after.toFixed(0)} ${unit}`;
  const verdict = `ratio ${ratio.toFixed(2)}, at most ${atMost}: ${holds ? 'holds' : 'DOES NOT HOLD'}`;
  return { line: `${what}: ${costs}, ${verdict}`, ratio, holds };
}
