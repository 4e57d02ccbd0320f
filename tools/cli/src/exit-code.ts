/** What the command's exit code says; `orchestra --help` prints this table. */
export const EXIT = {
  /** Done; a watched workflow ended in SUCCESS. */
  done: 0,
  /** The workflow ended otherwise, a function failed, or the request was refused. */
  notDone: 1,
  /** The command line is wrong; nothing was sent. */
  usage: 2,
  /** Nothing answers: no stack is running, or it cannot be reached. */
  noAnswer: 3,
  /** Stopped by Ctrl-C; what was started goes on. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with one line on stderr. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
