import type { ApiModel, GatewayResponseModel } from '../model.js';
import { headerOf, type IncomingRequest } from './incoming.js';
import type { Answer } from './proxy-result.js';

/** The errors the gateway itself answers, with API Gateway's types, codes and messages. */
const FAULTS = {
  BAD_REQUEST_BODY: [400, 'Invalid request body', 'BadRequestException'],
  MISSING_AUTHENTICATION_TOKEN: [
    403,
    'Missing Authentication Token',
    'MissingAuthenticationTokenException',
  ],
  REQUEST_TOO_LARGE: [413, 'Request Too Long', 'RequestTooLongException'],
  API_CONFIGURATION_ERROR: [500, 'Internal server error', 'InternalServerErrorException'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out', 'GatewayTimeoutException'],
  /** A function that failed or answered what is not a proxy result; it has no type of its own. */
  DEFAULT_5XX: [502, 'Internal server error', 'InternalServerErrorException'],
} as const;

export type Fault = keyof typeof FAULTS;

interface FaultDetails {
  readonly validationError?: string;
  readonly resourcePath?: string;
}

const DEFAULT_TEMPLATE = '{"message":$context.error.messageString}';

/** Answers a fault as the template's gateway responses say; a type without one falls back to its class's default. */
export function gatewayResponse(
  api: ApiModel,
  incoming: IncomingRequest,
  fault: Fault,
  details: FaultDetails = {},
): Answer {
  const [status, message, errorType] = FAULTS[fault];
  const custom = customised(api, fault, status);
  const statusCode = custom?.statusCode ?? status;
  const values = contextValues(api, incoming, { fault, statusCode, message, ...details });
  const [mediaType, template] = templateOf(custom);
  return {
    statusCode,
    headers: withoutRepeats([
      ['Content-Type', mediaType],
      ['x-amzn-ErrorType', errorType],
      ...Object.entries(custom?.headers ?? {}).flatMap(([name, expression]) =>
        mapped(name, expression, incoming, values),
      ),
    ]),
    body: Buffer.from(substitute(template, values)),
  };
}

function customised(
  { gatewayResponses }: ApiModel,
  fault: Fault,
  status: number,
): GatewayResponseModel | undefined {
  if (Object.hasOwn(gatewayResponses, fault)) return gatewayResponses[fault];
  return gatewayResponses[status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX'];
}

function templateOf(custom: GatewayResponseModel | undefined): readonly [string, string] {
  const templates = custom?.templates ?? {};
  const json = templates['application/json'];
  if (json !== undefined) return ['application/json', json];
  return Object.entries(templates)[0] ?? ['application/json', DEFAULT_TEMPLATE];
}

type Values = Readonly<Record<string, string | undefined>>;

function contextValues(
  api: ApiModel,
  incoming: IncomingRequest,
  error: FaultDetails & { fault: Fault; statusCode: number; message: string },
): Values {
  return {
    'error.message': error.message,
    'error.messageString': JSON.stringify(error.message),
    'error.responseType': error.fault,
    // Between quotes of a JSON template, where AWS's documentation puts it, the raw text could end the string.
    'error.validationErrorString': JSON.stringify(error.validationError ?? '').slice(1, -1),
    requestId: incoming.requestId,
    apiId: api.id,
    stage: api.stage,
    httpMethod: incoming.method,
    path: incoming.fullPath,
    resourcePath: error.resourcePath,
    protocol: incoming.protocol,
    status: String(error.statusCode),
    requestTimeEpoch: String(incoming.receivedAt),
    'identity.sourceIp': incoming.sourceIp,
    'identity.userAgent': headerOf(incoming, 'user-agent'),
  };
}

/** A variable without a value becomes nothing, as in API Gateway. */
function substitute(template: string, values: Values): string {
  return template.replace(
    /\$context\.(\w+(?:\.\w+)*)|\$\{context\.(\w+(?:\.\w+)*)\}/g,
    (_, bare: string | undefined, braced: string | undefined) => values[bare ?? braced ?? ''] ?? '',
  );
}

/** `'text'`, `method.request.header.name`, `context.name`; a mapping without a value sets no header. */
function mapped(
  name: string,
  expression: string,
  incoming: IncomingRequest,
  values: Values,
): readonly (readonly [string, string])[] {
  const literal = /^'(.*)'$/s.exec(expression)?.[1];
  const header = /^method\.request\.header\.(.+)$/.exec(expression)?.[1];
  const variable = /^context\.(.+)$/.exec(expression)?.[1];
  const value =
    literal ??
    (header === undefined ? undefined : headerOf(incoming, header)) ??
    (variable === undefined ? undefined : values[variable]);
  return value === undefined ? [] : [[name, value]];
}

/** The last of two headers of one name stays. */
function withoutRepeats(
  headers: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  return [...new Map(headers.map((pair) => [pair[0].toLowerCase(), pair])).values()];
}
