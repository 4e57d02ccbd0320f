/** API Gateway's proxy events in, its results out. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';

/** What a route can see of the event; absent when the app is called without API Gateway. */
export interface ProxyBindings {
  readonly requestContext?: { readonly path?: string; readonly requestId?: string };
}

export type ProxyHandler = (
  event: APIGatewayProxyEvent,
  context: Context,
) => Promise<APIGatewayProxyResult>;

export function behindApiGateway(app: Hono<{ Bindings: ProxyBindings }>): ProxyHandler {
  const serve = handle(app);
  return async (event, context) =>
    (await serve(
      asRequest(event) as unknown as LambdaEvent,
      context as LambdaContext,
    )) as APIGatewayProxyResult;
}

/** A URL would climb by it, and `/workflows/w/tasks/..` read as `/workflows/w`: a segment of dots is no id instead. */
const undotted = (segment: string) => segment.replace(/\.|%2e/gi, '%252e');

const UNTOLD = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** The event in a form that makes a web request: there, the path is text of a URL, and GET has no body. */
function asRequest(event: APIGatewayProxyEvent): APIGatewayProxyEvent {
  const hasBody = event.httpMethod !== 'GET' && event.httpMethod !== 'HEAD';
  return {
    ...event,
    // No route takes these, and no web request can have them: as any other method, they are refused by name.
    httpMethod: UNTOLD.has(event.httpMethod.toUpperCase()) ? 'UNTOLD' : event.httpMethod,
    // API Gateway may have decoded it: `/workflows/a#b` must not read as `/workflows/a`.
    path: event.path
      .replace(/[#?\\\s]/g, encodeURIComponent)
      .replace(/(?<=\/)(?:\.|%2e){1,2}(?=\/|$)/gi, undotted),
    body: hasBody ? event.body : null,
  };
}
