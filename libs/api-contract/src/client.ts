/**
 * The API as functions, one for each endpoint of the table. Every answer is parsed; every failure is one of
 * `client-errors`, except that of a caller who gave up, which is passed on. Nothing is repeated by itself.
 */
import type * as z from 'zod';
import {
  ApiUnreachableError,
  UnreadableAnswerError,
  problemErrorOf,
  type ApiError,
} from './client-errors.js';
import { endpoints, type Endpoint, type OperationId } from './endpoints.js';

export interface ClientOptions {
  /** The API's address with its stage; a slash at its end does not matter. */
  readonly baseUrl: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Ends every call. */
  readonly signal?: AbortSignal | undefined;
  /** Makes the caller's own of an error. */
  readonly failure?: (error: ApiError) => Error;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Of endpoints that take one: the same call again is done once. */
  readonly idempotencyKey?: string | undefined;
}

type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;
type PathArguments<Path extends string> = {
  readonly [Name in PathNames<Path>]: Name extends 'revision' ? number : string;
};
type QueryArguments<E> = E extends { readonly query: infer Query extends z.ZodObject }
  ? { readonly [Name in keyof z.output<Query>]?: z.output<Query>[Name] | undefined }
  : unknown;
type BodyArguments<E> = E extends {
  readonly body: {
    readonly schema: infer Body extends z.ZodType;
    readonly required: infer Required;
  };
}
  ? Required extends true
    ? { readonly body: z.input<Body> }
    : { readonly body?: z.input<Body> }
  : unknown;

/** Path, query and body of a call: `{ workflowId, limit, body }`. */
export type Arguments<Id extends OperationId> = PathArguments<(typeof endpoints)[Id]['path']> &
  QueryArguments<(typeof endpoints)[Id]> &
  BodyArguments<(typeof endpoints)[Id]>;
export type AnswerOf<Id extends OperationId> = z.output<(typeof endpoints)[Id]['answer']>;

/** Each throws ApiUnreachableError, ApiProblemError or UnreadableAnswerError, as `failure` makes them. */
export type Client = {
  readonly [Id in OperationId]: (
    ...call: Record<never, never> extends Arguments<Id>
      ? [values?: Arguments<Id>, options?: CallOptions]
      : [values: Arguments<Id>, options?: CallOptions]
  ) => Promise<AnswerOf<Id>>;
};

/** Milliseconds; API Gateway itself gives up after 29 s. */
const PATIENCE = 30_000;

export function createClient(options: ClientOptions): Client {
  const { failure = (error: ApiError) => error } = options;
  const calling =
    (endpoint: Endpoint) =>
    async (values: Values = {}, call: CallOptions = {}) => {
      const url = `${options.baseUrl.replace(/\/+$/, '')}${addressOf(endpoint, values)}`;
      const response = await send(options, call, url, initOf(endpoint, values, call), failure);
      const body = parseJson(await textOf(response, url, failure));
      if (!response.ok) throw failure(problemErrorOf(response.status, body));
      const parsed = endpoint.answer.safeParse(body);
      if (parsed.success) return parsed.data;
      throw failure(
        new UnreadableAnswerError('The API answered in a form that is not known here', {
          cause: parsed.error,
        }),
      );
    };
  return Object.fromEntries(
    Object.entries(endpoints).map(([id, endpoint]) => [id, calling(endpoint)]),
  ) as unknown as Client;
}

type Values = Readonly<Record<string, unknown>>;

/** The path with its parameters, and the query: what is undefined is left out. */
function addressOf({ path, query }: Endpoint, values: Values): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values[name])),
  );
  const search = new URLSearchParams(
    Object.keys(query?.shape ?? {}).flatMap((name) =>
      values[name] === undefined ? [] : [[name, String(values[name])] as [string, string]],
    ),
  ).toString();
  return search === '' ? filled : `${filled}?${search}`;
}

function initOf({ method, body }: Endpoint, values: Values, { idempotencyKey }: CallOptions) {
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
  return { method, headers, ...(body && { body: JSON.stringify(values['body'] ?? {}) }) };
}

async function send(
  { fetch = (...call) => globalThis.fetch(...call), signal }: ClientOptions,
  call: CallOptions,
  url: string,
  init: RequestInit,
  failure: (error: ApiError) => Error,
): Promise<Response> {
  const given = [signal, call.signal].filter((each) => each !== undefined);
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any([...given, patience]) });
  } catch (cause) {
    if (given.some(({ aborted }) => aborted)) throw cause;
    throw failure(new ApiUnreachableError(`No answer from ${url}`, { cause }));
  }
}

/** An answer can break off. */
async function textOf(
  response: Response,
  url: string,
  failure: (error: ApiError) => Error,
): Promise<string> {
  return response.text().catch((cause: unknown) => {
    if (cause instanceof Error && cause.name === 'AbortError') throw cause;
    throw failure(new ApiUnreachableError(`The answer from ${url} broke off`, { cause }));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Each page of a list, the next asked for when it is wanted: `for await (const page of pagesOf(...))`. */
export async function* pagesOf<Page extends { readonly nextCursor?: string | undefined }>(
  ask: (cursor: string | undefined) => Promise<Page>,
  first?: string,
): AsyncGenerator<Page, void, undefined> {
  let cursor = first;
  do {
    const page = await ask(cursor);
    yield page;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
