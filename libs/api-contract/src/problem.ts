/** How a request can end badly: RFC 9457 problem details, and the closed set of their types. */
import * as z from 'zod';

/** The one place that decides HTTP statuses of errors. */
export const PROBLEMS = {
  MALFORMED_JSON: { status: 400, title: 'The body is not JSON' },
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  CALLBACK_UNKNOWN: { status: 404, title: 'There is no such callback' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  WORKFLOW_CONFLICT: { status: 409, title: 'The id belongs to another workflow' },
  WORKFLOW_ENDED: { status: 409, title: 'The workflow had ended before' },
  WORKFLOW_RUNNING: { status: 409, title: 'The workflow has not ended yet' },
  ORDER_REFUSED: { status: 409, title: 'This cannot be ordered now' },
  NOTHING_TO_RUN: { status: 409, title: 'There is nothing to run again' },
  REDRIVE_REFUSED: { status: 409, title: 'The workflow cannot be redriven so' },
  CALLBACK_ANSWERED: { status: 409, title: 'The callback waits for no answer any more' },
  TOO_MANY_SCHEDULES: { status: 409, title: 'There are too many schedules' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body must be application/json' },
  INTERNAL: { status: 500, title: 'Something went wrong here' },
  ORCHESTRATOR_UNAVAILABLE: { status: 503, title: 'It is not known whether this was done' },
  STORE_UNAVAILABLE: { status: 503, title: 'The store does not answer' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

export const problemType = (code: ProblemCode) =>
  `urn:orchestra:problem:${code.toLowerCase().replaceAll('_', '-')}`;

/** `errors` names every issue with its path. */
export const problemSchema = z.object({
  /** `about:blank` where the gateway refused the request before the API saw it. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** Names the request in the logs. */
  requestId: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;
