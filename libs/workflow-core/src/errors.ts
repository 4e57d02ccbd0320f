/** The closed set of our own errors. Match by class or `code`, never by message. */
export abstract class OrchestraError extends Error {
  abstract readonly code: string;
}

/** A move the state machine does not have: a bug, never an expected race. */
export class IllegalTransitionError extends OrchestraError {
  override readonly name = 'IllegalTransitionError';
  readonly code = 'ILLEGAL_TRANSITION';
  constructor(
    readonly machine: string,
    readonly from: string,
    readonly event: string,
  ) {
    super(`a ${machine} that is ${from} cannot ${event}`);
  }
}

/** One thing wrong with a document, and where: a JSON path such as `tasks[2].dependsOn[0]`, '' for the whole. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** A definition that cannot run, with every issue found at once. */
export class InvalidDefinitionError extends OrchestraError {
  override readonly name = 'InvalidDefinitionError';
  readonly code = 'INVALID_DEFINITION';
  constructor(readonly issues: readonly Issue[]) {
    super(issues.map((issue) => `${issue.path || 'definition'}: ${issue.message}`).join('; '));
  }
}

/** The store could not be reached, throttled us past our patience, or answered in a way nobody can act on. Trying later may help. */
export class StoreUnavailableError extends OrchestraError {
  override readonly name = 'StoreUnavailableError';
  readonly code = 'STORE_UNAVAILABLE';
}

/** The store refused a write for a reason that will not pass, such as an item too large or a missing permission. */
export class StoreRejectedError extends OrchestraError {
  override readonly name = 'StoreRejectedError';
  readonly code = 'STORE_REJECTED';
}

/** An input or output above the limit. */
export class PayloadTooLargeError extends OrchestraError {
  override readonly name = 'PayloadTooLargeError';
  readonly code = 'PAYLOAD_TOO_LARGE';
  constructor(
    readonly bytes: number,
    readonly limit: number,
  ) {
    super(`${bytes} bytes of JSON are above the limit of ${limit}`);
  }
}

/** An item of ours that does not read as what it should be. */
export class CorruptItemError extends OrchestraError {
  override readonly name = 'CorruptItemError';
  readonly code = 'CORRUPT_ITEM';
}
