/** The API's own OpenAPI document: requests drawn from it, and whether an answer is one that it tells of. */
import { request as send } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { valuesOf, type JsonSchema } from './json-schema-values.fixture.js';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: JsonSchema;
}
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;
export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
export interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface Ask {
  readonly method: string;
  /** As it is sent, below the stage: not a character is changed. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}
export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}

export const endpointsOf = ({ paths }: OpenApi): Endpoint[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );

/** Without what `fetch` would mend: a path with dots, a header nobody should send. */
export function ask(apiUrl: string, { method, target, headers, body }: Ask): Promise<Answer> {
  const { hostname, port, pathname } = new URL(apiUrl);
  const path = `${pathname.replace(/\/$/, '')}${target}`;
  return new Promise((answered, failed) => {
    const request = send({ hostname, port, method, path, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', failed);
      response.on('end', () =>
        answered({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'],
          text: Buffer.concat(parts).toString(),
        }),
      );
    });
    request.on('error', failed);
    // Node tells the length of a DELETE's body to nobody: it would be read as another request.
    if (body) request.setHeader('content-length', body.length);
    request.end(body);
  });
}

/** What is wrong with an answer, by the document; undefined when nothing is. */
export function createJudge(
  document: OpenApi,
): (endpoint: Endpoint, answer: Answer) => string | undefined {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(closed(document) as object, 'api');
  const compiled = new Map<string, ValidateFunction>();
  const validator = (pointer: string) => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    compiled.set(pointer, known);
    return known;
  };
  return ({ method, path, operation }, { status, type, text }) => {
    if (status >= 500) return `${status}`;
    const told = operation.responses[status];
    if (!told) return `${status} is not among ${Object.keys(operation.responses).join()}`;
    if (!told.content) return text === '' ? undefined : `${status} has a body: ${text}`;
    const expected = Object.keys(told.content).find((each) => type?.split(';')[0] === each);
    if (expected === undefined) return `${status} came as ${type}`;
    const steps = ['paths', path, method.toLowerCase(), 'responses', status, 'content', expected];
    const validate = validator(pointerOf([...steps, 'schema']));
    if (validate(JSON.parse(text))) return undefined;
    return `${status} ${ajv.errorsText(validate.errors)} in ${text.slice(0, 500)}`;
  };
}

const pointerOf = (steps: readonly (string | number)[]) =>
  steps
    .map((step) => encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1')))
    .map((step) => `/${step}`)
    .join('');

/** The document lets answers gain fields; here one that it does not tell of is a mistake. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, closed(part)]));
  const isObject = parts['type'] === 'object' && 'properties' in parts;
  return isObject && !('additionalProperties' in parts)
    ? { ...parts, additionalProperties: false }
    : parts;
}

/** What exists on the stack, so that a request often reaches further than its 404. */
export interface Known {
  readonly ids: readonly string[];
  readonly cursors: readonly string[];
  readonly bodies: readonly unknown[];
}

export function requestsOf(
  document: OpenApi,
  known: Known,
): fc.Arbitrary<readonly [Endpoint, Ask]> {
  const resolve = (reference: string): JsonSchema => {
    const schema = document.components.schemas[reference.split('/').at(-1) ?? ''];
    if (!schema) throw new Error(`there is no ${reference}`);
    return schema;
  };
  const allowed = (schema: JsonSchema) => valuesOf(schema, resolve);
  return fc
    .constantFrom(...endpointsOf(document))
    .chain((endpoint) =>
      asksOf(endpoint, known, allowed).map((asked) => [endpoint, asked] as const),
    );
}

type Allowed = (schema: JsonSchema) => fc.Arbitrary<unknown>;

function asksOf(
  { method, path, operation }: Endpoint,
  known: Known,
  allowed: Allowed,
): fc.Arbitrary<Ask> {
  const of = (place: Parameter['in']) => operation.parameters.filter((each) => each.in === place);
  const path$ = fc.record(
    Object.fromEntries(of('path').map((each) => [each.name, segments(each, known, allowed)])),
  );
  const query$ = fc.tuple(...of('query').map((each) => queryPairs(each, known, allowed)), oddPairs);
  const headers$ = fc.tuple(
    ...of('header').map((each) => headerPairs(each, allowed)),
    contentTypes,
  );
  return fc
    .record({
      path: path$,
      query: query$,
      headers: headers$,
      body: bodies(operation, known, allowed),
    })
    .map(({ path: names, query, headers, body }) => ({
      method,
      target: targetOf(path, names, query.flat()),
      headers: Object.fromEntries(headers.flat()),
      ...(method === 'GET' ? {} : { body }),
    }));
}

function targetOf(
  path: string,
  names: Readonly<Record<string, string>>,
  pairs: readonly Pair[],
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '');
  const search = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  return search === '' ? filled : `${filled}?${search}`;
}

type Pair = readonly [string, string];

const HOSTILE = [
  ...['..', '.', '%2e%2e', '%', '%zz', '%00', '%0a', '%2F', '%23', '%3Fx=1', '%25', ':validate'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'null',
    'undefined',
    'NaN',
    '-1',
    '0',
    '1e999',
    '0x10',
  ],
  ...[
    '99999999999999999999',
    '\u202e',
    '\ud83d\ude80',
    'a'.repeat(300),
    "'; --",
    '{{7*7}}',
    '$(id)',
    ' ',
    '[]',
  ],
];

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
);

/** Already as it is sent; never empty, which would be another address. */
const segments = ({ schema }: Parameter, { ids }: Known, allowed: Allowed): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ids) },
    { weight: 1, arbitrary: allowed(schema).map((value) => encodeURIComponent(String(value))) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...HOSTILE.filter((text) => /^[\x21-\x7e]+$/.test(text))),
    },
    { weight: 1, arbitrary: hostileText.map(encodeURIComponent) },
  );

const queryPairs = (
  { name, schema }: Parameter,
  { cursors }: Known,
  allowed: Allowed,
): fc.Arbitrary<readonly Pair[]> => {
  const value = fc.oneof(
    {
      weight: 3,
      arbitrary: name === 'cursor' ? fc.constantFrom(...cursors) : allowed(schema).map(String),
    },
    { weight: 1, arbitrary: hostileText },
  );
  const pairs = value.map((text): Pair[] => [[name, text]]);
  const twice = fc.tuple(value, value).map((texts) => texts.map((text): Pair => [name, text]));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: pairs },
    twice,
  );
};

const oddPairs: fc.Arbitrary<readonly Pair[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  fc.tuple(hostileText, hostileText).map((pair): Pair[] => [pair]),
);

/** Header values that Node sends at all. */
const headerText = fc.string({ maxLength: 30 }).map((text) => text.replace(/[^\x20-\x7e]/g, '?'));

const headerPairs = (
  { name, schema }: Parameter,
  allowed: Allowed,
): fc.Arbitrary<readonly Pair[]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc
      .oneof(allowed(schema).map(String), headerText, fc.constantFrom('*', '"x"', 'W/"x", *'))
      .map((value): Pair[] => [[name, value.replace(/[^\x20-\x7e]/g, '?')]]),
  );

const contentTypes: fc.Arbitrary<readonly Pair[]> = fc
  .oneof(
    { weight: 6, arbitrary: fc.constant('application/json') },
    fc.constantFrom(
      'text/plain',
      'application/xml',
      '',
      'application/json; charset=utf-16',
      '*/*',
      'multipart/form-data',
    ),
  )
  .map((type): Pair[] => (type === '' ? [] : [['content-type', type]]));

const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

function bodies(
  { requestBody }: Operation,
  { bodies: good }: Known,
  allowed: Allowed,
): fc.Arbitrary<Buffer> {
  const { schema = {} } = requestBody?.content['application/json'] ?? {};
  const json = (value: unknown) => JSON.stringify(value);
  return fc
    .oneof(
      { weight: 3, arbitrary: allowed(schema).map(json) },
      { weight: 2, arbitrary: fc.constantFrom(...good.map(json)) },
      { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 4 }).map(json) },
      { weight: 2, arbitrary: fc.tuple(allowed(schema), fc.string(), fc.jsonValue()).map(spoilt) },
      fc.constantFrom(
        '',
        '{',
        '[]',
        'null',
        '{"__proto__":{"a":1}}',
        '{"input":1e999}',
        '{"a":1,"a":2}',
      ),
      fc.constantFrom(nested(31), nested(40), nested(5_000), '"\\ud800"', '{"input":"\\u0000"}'),
    )
    .map((text) => Buffer.from(text))
    .chain((bytes) =>
      fc.oneof(
        { weight: 20, arbitrary: fc.constant(bytes) },
        fc.constant(Buffer.concat([bytes, Buffer.from([0xff])])),
      ),
    );
}

/** One field more or another value in it. */
function spoilt([value, name, other]: [unknown, string, unknown]): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(other);
  const names = Object.keys(value);
  return JSON.stringify({ ...value, [names[name.length % (names.length + 1)] ?? name]: other });
}
