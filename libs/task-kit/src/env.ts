/** The only reader of the environment in this package. */

export interface TaskEnv {
  /** The file that gets one line per execution; undefined keeps no ledger. */
  readonly ledgerPath: string | undefined;
  /** `AWS_Lambda_nodejs24.x`; not every image sets it. */
  readonly executionEnvironment: string | undefined;
  /** The function runs from a container image, whose Dockerfile says so. */
  readonly isContainer: boolean;
}

export function readEnv(env: NodeJS.ProcessEnv = process.env): TaskEnv {
  return {
    ledgerPath: env['ORCHESTRA_LEDGER'] || undefined,
    executionEnvironment: env['AWS_EXECUTION_ENV'] || undefined,
    isContainer: env['ORCHESTRA_PACKAGE'] === 'container',
  };
}
