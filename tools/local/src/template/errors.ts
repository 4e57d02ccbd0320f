/** The folder holds no cloud assembly, or one that does not read as CDK writes it. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}

/** An expression of a template whose value this runtime cannot know. */
export class UnresolvableError extends Error {
  override readonly name = 'UnresolvableError';

  /** @param where `Stack/LogicalId` of the place that holds the expression. */
  constructor(
    readonly where: string,
    reason: string,
    /** The expression refers to a resource of a type that does not exist here. */
    readonly refersToSkippedType = false,
  ) {
    super(`${where}: ${reason}`);
  }
}

/** A resource whose resolved properties are not what its type allows. */
export class ResourceError extends Error {
  override readonly name = 'ResourceError';

  constructor(where: string, reason: string, options?: ErrorOptions) {
    super(`${where}: ${reason}`, options);
  }
}
