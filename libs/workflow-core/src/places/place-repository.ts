/**
 * The port behind which places are kept: of the lines in which workflows wait for one, and of functions that take only so
 * many tasks at once. It executes conditional writes and decides nothing: who gets a place follows from `whoNext`.
 *
 * Every adapter passes `describePlaces` in `contract/`. Races that are lost are values, never exceptions; a store that
 * cannot answer throws `StoreUnavailableError`.
 */

/** Where the workflows of a definition wait for each other: those with the same key. */
export interface Line {
  /** The definition's name; all its revisions share the line. */
  readonly definition: string;
  /** Empty where the definition has no key: all wait in one line. */
  readonly key: string;
}

/** A workflow in its present epoch. */
export interface Arrival {
  readonly workflowId: string;
  readonly epoch: number;
  /** ISO 8601: when the epoch began; the order of the line. */
  readonly since: string;
  /** Epoch seconds: the workflow's own. */
  readonly expiresAt: number;
}

/** One of the places of a line, and whose it is. */
export interface Place extends Arrival {
  /** 0-based; below the limit. */
  readonly index: number;
  /** ISO 8601. */
  readonly takenAt: string;
}

export interface LineLimit {
  readonly limit: number;
  /** Of the definition: the newest that has asked counts. */
  readonly revision: number;
}

export interface LineView {
  /** Absent while nobody has asked. */
  readonly limit?: LineLimit;
  /** Those that somebody has, by their index. */
  readonly places: readonly Place[];
  /** The first in line, in their order. */
  readonly waiting: readonly Arrival[];
  /** There are more behind them. */
  readonly more: boolean;
}

export interface ExpectedLine {
  readonly places: number;
  readonly waiting: number;
}

/** A place at a function, which goes by itself when its time is over: its holder is dead then. */
export interface FunctionPlace {
  readonly index: number;
  /** Names one try at one task; nobody else ever has the same. */
  readonly holder: string;
  /** ISO 8601. */
  readonly leaseUntil: string;
}

export interface PlaceRepository {
  /**
   * Consistent: every place, and at least the first `waiting` of those in line, as far as there are so many. Whatever was
   * written before it began is seen.
   * @param expected `places`: about so many; one request is enough for these
   */
  readLine(line: Line, expected: ExpectedLine): Promise<LineView>;
  /** Unless that of a newer revision is there. */
  setLimit(line: Line, limit: LineLimit, expiresAt: number): Promise<void>;
  /** Safe to repeat. */
  join(line: Line, arrival: Arrival): Promise<void>;
  /** Consistent. */
  isInLine(line: Line, arrival: Arrival): Promise<boolean>;
  /** Safe to repeat. */
  leave(line: Line, arrival: Arrival): Promise<void>;
  /** False: somebody else has it. Safe to repeat. */
  take(line: Line, place: Place): Promise<boolean>;
  /** Unless somebody else has it by now, or the same workflow in another epoch. Safe to repeat. */
  free(line: Line, place: Place): Promise<void>;

  /** Consistent. */
  readFunction(name: string): Promise<readonly FunctionPlace[]>;
  /** False: somebody has it whose time is not over. Safe to repeat. @param at ISO 8601: now */
  takeFunction(name: string, place: FunctionPlace, at: string): Promise<boolean>;
  /** Unless somebody else has it by now. Safe to repeat. */
  freeFunction(name: string, place: FunctionPlace): Promise<void>;
}
