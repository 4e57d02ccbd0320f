/** What a bench is to whoever runs it. */
export interface Verdict {
  readonly line: string;
  readonly holds: boolean;
}

export interface BenchOptions {
  /** Of tasks; those of the bench when absent. */
  readonly sizes?: readonly number[];
  readonly shapes?: readonly string[];
  readonly seed: number;
  /** Where the graphs lie that are not part of this repository. */
  readonly dir?: string;
  /** Only files whose names hold this. */
  readonly only?: string;
  /** Put the figures into docs/performance.md. */
  readonly write: boolean;
  /** Aborted when the bench is to end. */
  readonly signal: AbortSignal;
}

export type Bench = (options: BenchOptions) => Promise<readonly Verdict[]>;
