/**
 * What a test may put between the functions and AWS. It sees each call before it is applied, applies it once, never, twice
 * or in part, and says what the caller hears; no function knows of it, and in normal use there is none.
 */
import type { Usage } from './capacity.js';
import type { AwsCall } from './meter.js';

/** A call of a function that nobody has applied yet. */
export interface PassingCall extends Pick<AwsCall, 'service' | 'operation' | 'caller'> {
  readonly body: Buffer;
  /** `X-Amzn-Trace-Id`, which tells the one invocation in whose course the call is made. */
  readonly traceHeader?: string;
  /** Of Lambda's Invoke. */
  readonly functionName?: string;
  readonly invocationType?: string;
}

export interface PassingAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly errorCode?: string;
  readonly usage?: Usage;
  readonly request?: unknown;
}

/** Does what the call asks for. @param body instead of the caller's own */
export type Apply = (body?: Buffer) => Promise<PassingAnswer>;

/** @throws ConnectionLostError when the caller gets no answer */
export type CallHook = (call: PassingCall, apply: Apply) => Promise<PassingAnswer>;

/** The caller's connection breaks; whether the call was applied it does not learn. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}
