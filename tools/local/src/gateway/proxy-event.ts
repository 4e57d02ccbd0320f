import { createHash } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { ApiModel } from '../model.js';
import { bareMediaType, headerOf, type IncomingRequest } from './incoming.js';
import type { RouteMatch } from './route.js';

/** The event API Gateway's REST proxy integration (payload version 1.0) hands to a function. */
export function proxyEvent(
  api: ApiModel,
  incoming: IncomingRequest,
  { route, pathParameters }: RouteMatch,
  body: Buffer,
): APIGatewayProxyEvent {
  const binary = isBinary(api, headerOf(incoming, 'content-type') ?? 'application/json');
  const headers = forwardedHeaders(incoming);
  const query = [...incoming.query];
  return {
    resource: route.resourcePath,
    path: incoming.path ?? '/',
    httpMethod: incoming.method,
    headers: Object.fromEntries(headers),
    multiValueHeaders: multiValue(headers),
    queryStringParameters: query.length === 0 ? null : Object.fromEntries(query),
    multiValueQueryStringParameters: query.length === 0 ? null : multiValue(query),
    pathParameters: pathParameters === null ? null : { ...pathParameters },
    stageVariables: null,
    requestContext: requestContext(api, incoming, route.resourcePath, accountOf(route)),
    body: body.length === 0 ? null : body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary && body.length > 0,
  };
}

/** Whether an API passes bodies of this media type as base64. */
export function isBinary({ binaryMediaTypes = [] }: ApiModel, header: string): boolean {
  const type = bareMediaType(header);
  return binaryMediaTypes.some((candidate) => {
    const wanted = candidate.toLowerCase();
    return (
      wanted === '*/*' ||
      wanted === type ||
      (wanted.endsWith('/*') && type.startsWith(wanted.slice(0, -1)))
    );
  });
}

/** The client's headers and those the gateway adds on the way. */
function forwardedHeaders(incoming: IncomingRequest): readonly (readonly [string, string])[] {
  const port = /:(\d+)$/.exec(headerOf(incoming, 'host') ?? '')?.[1] ?? '80';
  const added = [
    ['X-Amzn-Trace-Id', traceId(incoming)],
    ['X-Forwarded-For', incoming.sourceIp],
    ['X-Forwarded-Port', port],
    ['X-Forwarded-Proto', 'http'],
  ] as const;
  const names = new Set<string>(added.map(([name]) => name.toLowerCase()));
  return [...incoming.headers.filter(([name]) => !names.has(name.toLowerCase())), ...added];
}

function traceId({ requestId, receivedAt }: IncomingRequest): string {
  const seconds = Math.floor(receivedAt / 1000).toString(16);
  return `Root=1-${seconds}-${hash(requestId).slice(0, 24)}`;
}

function multiValue(
  pairs: readonly (readonly [string, string])[],
): Readonly<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const [name, value] of pairs) {
    if (!Object.hasOwn(found, name)) found[name] = [];
    found[name]?.push(value);
  }
  return found;
}

function requestContext(
  api: ApiModel,
  incoming: IncomingRequest,
  resourcePath: string,
  accountId: string,
): APIGatewayProxyEvent['requestContext'] {
  return {
    accountId,
    apiId: api.id,
    authorizer: null,
    domainName: headerOf(incoming, 'host') ?? 'localhost',
    domainPrefix: api.id,
    extendedRequestId: hash(incoming.requestId).slice(0, 15),
    httpMethod: incoming.method,
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      caller: null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: incoming.sourceIp,
      user: null,
      userAgent: headerOf(incoming, 'user-agent') ?? null,
      userArn: null,
    },
    path: incoming.fullPath,
    protocol: incoming.protocol,
    requestId: incoming.requestId,
    requestTime: logTime(incoming.receivedAt),
    requestTimeEpoch: incoming.receivedAt,
    resourceId: hash(resourcePath).slice(0, 6),
    resourcePath,
    stage: api.stage,
  };
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** The account stands in every function's ARN. */
function accountOf({ integration }: RouteMatch['route']): string {
  return integration.kind === 'lambda' ? (integration.functionArn.split(':')[4] ?? '') : '';
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `09/Apr/2015:12:34:56 +0000` */
function logTime(epochMs: number): string {
  const [date = '', time = ''] = new Date(epochMs).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}
