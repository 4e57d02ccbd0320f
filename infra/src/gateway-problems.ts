import { type RestApi, ResponseType } from 'aws-cdk-lib/aws-apigateway';

/** An error that API Gateway answers by itself, before or instead of the function. */
interface GatewayProblem {
  readonly type: ResponseType;
  readonly title: string;
  readonly detail: string;
  /** Absent where one response stands for several statuses: API Gateway's own is kept. */
  readonly status?: number;
}

const PROBLEMS: readonly GatewayProblem[] = [
  {
    type: ResponseType.BAD_REQUEST_BODY,
    status: 400,
    title: 'Bad request',
    detail: 'The body must be a JSON object.',
  },
  {
    type: ResponseType.BAD_REQUEST_PARAMETERS,
    status: 400,
    title: 'Bad request',
    detail: 'A required parameter is missing.',
  },
  {
    // What API Gateway calls a missing token is a route or a method that it does not have.
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 404,
    title: 'Not found',
    detail: 'No such route.',
  },
  {
    type: ResponseType.RESOURCE_NOT_FOUND,
    status: 404,
    title: 'Not found',
    detail: 'No such route.',
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    title: 'Content too large',
    detail: 'The body is larger than this API accepts.',
  },
  {
    type: ResponseType.THROTTLED,
    status: 429,
    title: 'Too many requests',
    detail: 'The request limit of this API was exceeded. Try again shortly.',
  },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 504,
    title: 'Gateway timeout',
    detail: 'The request took too long; it may still be carried out.',
  },
  {
    type: ResponseType.DEFAULT_4XX,
    title: 'Request refused',
    detail: 'The request was refused before it reached the API.',
  },
  {
    type: ResponseType.DEFAULT_5XX,
    title: 'Service failure',
    detail: 'The API did not answer; the request may have been carried out.',
  },
];

/**
 * Makes API Gateway's own errors look like those of the function: RFC 9457 problem details, never
 * a stack trace. The text is fixed: API Gateway pastes its variables unescaped, and what the
 * caller sent could break the JSON. Such an error holds no data, so any origin may read it.
 */
export function answerWithProblemDetails(api: RestApi): void {
  for (const problem of PROBLEMS) {
    api.addGatewayResponse(problem.type.responseType, {
      type: problem.type,
      statusCode: problem.status?.toString(),
      responseHeaders: {
        'Content-Type': "'application/problem+json'",
        'Access-Control-Allow-Origin': "'*'",
      },
      templates: { 'application/json': problemDetails(problem) },
    });
  }
}

function problemDetails({ title, status, detail }: GatewayProblem): string {
  return JSON.stringify({
    type: 'about:blank',
    title,
    status,
    detail,
    requestId: '$context.requestId',
  });
}
