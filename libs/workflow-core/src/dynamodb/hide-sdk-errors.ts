import { OrchestraError, StoreUnavailableError } from '../errors.js';

/** No AWS error leaves the store: what the SDK gives up on is a store that cannot be reached. */
export function hideSdkErrors<Port extends object>(port: Port): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = target[name as keyof Port];
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]) => {
        try {
          return await (member as (...given: unknown[]) => Promise<unknown>)(...given);
        } catch (error) {
          if (error instanceof OrchestraError || !isSdkError(error)) throw error;
          throw new StoreUnavailableError(`${String(name)} failed: ${error.message}`, {
            cause: error,
          });
        }
      };
    },
  });
}

const isSdkError = (error: unknown): error is Error =>
  error instanceof Error && '$metadata' in error;
