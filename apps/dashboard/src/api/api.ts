/** The one door to the REST API: every answer is parsed, every failure is one of `api-errors`. */
import {
  ApiProblemError,
  ApiUnreachableError,
  UnreadableAnswerError,
  problemOf,
} from './api-errors.js';

/** Milliseconds; API Gateway itself gives up after 29 s. */
const TIMEOUT_MS = 30_000;

interface Schema<T> {
  safeParse(document: unknown): { success: true; data: T } | { success: false; error: Error };
}

export interface Api {
  /** Without a slash at its end. */
  readonly base: string;
  /** `path` starts with a slash. @throws ApiUnreachableError, ApiProblemError, UnreadableAnswerError */
  get<T>(path: string, answer: Schema<T>, signal?: AbortSignal): Promise<T>;
  /** As `get`; never repeated by itself. */
  post<T>(path: string, body: unknown, answer: Schema<T>): Promise<T>;
}

export function createApi(base: string, fetcher: typeof fetch = (...call) => fetch(...call)): Api {
  const call = async <T>(path: string, init: RequestInit, answer: Schema<T>): Promise<T> =>
    read(await send(fetcher, `${base}${path}`, init), answer);
  return {
    base,
    get: (path, answer, signal) => call(path, { signal: signal ?? null }, answer),
    post: (path, body, answer) =>
      call(
        path,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        },
        answer,
      ),
  };
}

async function send(fetcher: typeof fetch, url: string, init: RequestInit): Promise<Response> {
  const patience = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, patience]) : patience;
  try {
    return await fetcher(url, { ...init, signal, cache: 'no-store' });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiUnreachableError(`No answer from ${url}`, { cause });
  }
}

async function read<T>(response: Response, answer: Schema<T>): Promise<T> {
  const body = await json(response);
  if (!response.ok) throw new ApiProblemError(problemOf(response.status, body));
  const parsed = answer.safeParse(body);
  if (!parsed.success)
    throw new UnreadableAnswerError('The API answered in a form this dashboard does not know', {
      cause: parsed.error,
    });
  return parsed.data;
}

async function json(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
