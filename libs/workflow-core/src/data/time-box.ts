/** Ends a computation that takes too long, from within its own thread: V8 interrupts it, even inside a regular expression. */
import { createContext, Script } from 'node:vm';

export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

export type TimeBox = <T>(compute: () => T) => T;

/** @throws OutOfTimeError when the computation, which must be synchronous, takes longer. */
export function createTimeBox(milliseconds: number): TimeBox {
  const context: { compute?: () => unknown } = createContext({});
  const call = new Script('compute()');
  return <T>(compute: () => T) => {
    context.compute = compute;
    try {
      return call.runInContext(context, { timeout: milliseconds }) as T;
    } catch (error) {
      throw isTimeout(error) ? new OutOfTimeError(`more than ${milliseconds} ms`) : error;
    } finally {
      delete context.compute;
    }
  };
}

/** It is an error of the context, where `Error` is another class. */
const isTimeout = (error: unknown) =>
  (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
