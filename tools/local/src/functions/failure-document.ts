/** What Lambda itself answers when a sandbox did not: the error documents of the service, with its types and texts. */
export interface FailureDocument {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** Bytes of a synchronous answer, as AWS bounds it. */
export const maxResponseBytes = 6_291_556;

export const failures = {
  timedOut: (requestId: string, seconds: number): FailureDocument => ({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  }),
  exited: (requestId: string, how: string): FailureDocument => ({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited ${how}`,
  }),
  outOfMemory: (requestId: string, memoryMb: number): FailureDocument => ({
    errorType: 'Runtime.OutOfMemory',
    errorMessage: `RequestId: ${requestId} Error: Runtime used more than its ${memoryMb} MB of memory and was killed`,
  }),
  responseTooLarge: (): FailureDocument => ({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${maxResponseBytes} bytes).`,
  }),
  interpreterMissing: (runtime: string, sought: string): FailureDocument => ({
    errorType: 'Runtime.InterpreterMissing',
    errorMessage: `This machine has nothing that runs ${runtime} functions (looked for: ${sought})`,
  }),
  notStarted: (message: string): FailureDocument => ({
    errorType: 'Runtime.StartFailed',
    errorMessage: message,
  }),
} as const;
