/**
 * The OpenAPI 3.1 document, made of the table of endpoints, and the JSON Schema of a definition. An entry of its own:
 * a browser needs neither.
 */
import * as z from 'zod';
import {
  ID_PATTERN,
  LIMITS,
  definitionSchema,
  idSchema,
  tagSchema,
  tagsSchema,
  taskIdSchema,
} from '@orchestra/workflow-core';
import * as contract from './index.js';
import { COMMON_PROBLEMS, type Endpoint } from './endpoints.js';
import { PROBLEMS, problemType, type ProblemCode } from './problem.js';

export type JsonSchema = z.core.JSONSchema.BaseSchema;
type Document = Readonly<Record<string, unknown>>;

/** What has a name of its own in the document; everything else stands where it is used. */
const COMPONENTS = {
  Id: idSchema,
  TaskId: taskIdSchema,
  Tag: tagSchema,
  Definition: definitionSchema,
  DefinitionDetail: contract.definitionDetailSchema,
  DefinitionSummary: contract.definitionSummarySchema,
  DefinitionList: contract.listDefinitionsResponseSchema,
  RevisionList: contract.listRevisionsResponseSchema,
  PutDefinition: contract.putDefinitionRequestSchema,
  StoredRevision: contract.putDefinitionResponseSchema,
  Validation: contract.validateDefinitionResponseSchema,
  StartWorkflow: contract.startWorkflowRequestSchema,
  StartedWorkflow: contract.startWorkflowResponseSchema,
  Workflow: contract.workflowSchema,
  WorkflowSummary: contract.workflowSummarySchema,
  WorkflowList: contract.listWorkflowsResponseSchema,
  Task: contract.taskSchema,
  TaskDetail: contract.taskDetailSchema,
  TaskList: contract.listTasksResponseSchema,
  TaskError: contract.taskErrorSchema,
  TaskStatus: contract.taskStatusSchema,
  WorkflowStatus: contract.workflowStatusSchema,
  Explanation: contract.explanationSchema,
  Event: contract.historyEventSchema,
  EventList: contract.listEventsResponseSchema,
  CancelOrder: contract.cancelWorkflowRequestSchema,
  CancelledWorkflow: contract.cancelWorkflowResponseSchema,
  ControlOrder: contract.controlWorkflowRequestSchema,
  ControlledWorkflow: contract.controlWorkflowResponseSchema,
  SkipOrder: contract.skipTaskRequestSchema,
  OutputOrder: contract.setOutputRequestSchema,
  OrderedTask: contract.taskOrderResponseSchema,
  RedriveOrder: contract.redriveWorkflowRequestSchema,
  RerunOrder: contract.rerunTaskRequestSchema,
  Redriven: contract.redriveResponseSchema,
  Callback: contract.callbackSchema,
  CallbackList: contract.listCallbacksResponseSchema,
  CallbackAnswer: contract.answerCallbackRequestSchema,
  AnsweredCallback: contract.answerCallbackResponseSchema,
  Heartbeat: contract.heartbeatResponseSchema,
  PutSchedule: contract.putScheduleRequestSchema,
  Schedule: contract.scheduleSchema,
  ScheduleSummary: contract.scheduleSummarySchema,
  ScheduleList: contract.listSchedulesResponseSchema,
  Problem: contract.problemSchema,
} as const satisfies Record<string, z.ZodType>;

const components = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(COMPONENTS)) components.add(schema, { id });

/** An id, or that of an item of a map. */
const TASK_ID_PATTERN = ID_PATTERN.source.replace(/\$$/, '(\\[(0|[1-9]\\d{0,4})\\])?$');

/** What zod cannot tell of its own refinements, and what any JSON is. */
const override: NonNullable<z.core.ToJSONSchemaParams['override']> = ({
  zodSchema,
  jsonSchema,
}) => {
  if (zodSchema === idSchema) jsonSchema.pattern = ID_PATTERN.source;
  if (zodSchema === taskIdSchema) jsonSchema.pattern = TASK_ID_PATTERN;
  if (zodSchema === tagsSchema) jsonSchema.uniqueItems = true;
  if (isAnyJson(zodSchema))
    for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
};

/** `z.json()` is the only lazy schema there is. */
const isAnyJson = (schema: z.core.$ZodTypes) => schema._zod.def.type === 'lazy';

const SETTINGS = { target: 'draft-2020-12', io: 'input', override } as const;

/** @param version of the product */
export function openApiDocument(version: string): Document {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Orchestra',
      version,
      description: 'Workflows as directed acyclic graphs of tasks, each a Lambda function.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.', description: 'Where this document was read.' }],
    security: [],
    paths: pathsOf(Object.entries<Endpoint>(contract.endpoints)),
    components: { schemas: componentSchemas() },
  };
}

/** Of a definition, for editors and validators. What only a look at the whole graph can tell is not in it. */
export function definitionJsonSchema(): JsonSchema {
  return {
    ...z.toJSONSchema(definitionSchema, SETTINGS),
    $id: 'urn:orchestra:schema:definition',
    title: 'A definition of Orchestra',
  };
}

function componentSchemas(): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(components, { ...SETTINGS, uri: referenceTo });
  const { __shared: shared, ...named } = schemas as Record<string, JsonSchema>;
  requireOnlyAnyJson(shared);
  return Object.fromEntries(Object.entries(named).map(([id, schema]) => [id, embedded(schema)]));
}

const referenceTo = (id: string) => `#/components/schemas/${id}`;

/** zod moves recursive schemas aside: any JSON is one, and needs no place of its own. */
function requireOnlyAnyJson(shared: JsonSchema | undefined): void {
  for (const schema of Object.values(shared?.$defs ?? {}))
    if (Object.keys(schema).length > 0) throw new Error('a recursive schema is not a component');
}

/** Inside the document a schema has no identity, and what zod moved aside is back. */
function embedded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(embedded);
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value && String(value.$ref).includes('__shared')) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      (key === '$schema' || key === '$id') && typeof part === 'string'
        ? []
        : [[key, embedded(part)]],
    ),
  );
}

/** A component by its name, everything else as it is. */
function schemaOf(schema: z.ZodType): unknown {
  const id = components.get(schema)?.id;
  return id === undefined ? embedded(z.toJSONSchema(schema, SETTINGS)) : { $ref: referenceTo(id) };
}

function pathsOf(table: readonly (readonly [string, Endpoint])[]): Document {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, endpoint] of table)
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operation(operationId, endpoint);
  return paths;
}

const operation = (operationId: string, endpoint: Endpoint): Document => ({
  operationId,
  summary: endpoint.summary,
  tags: [endpoint.path.split(/[/:.]/)[1]],
  parameters: [...pathParameters(endpoint), ...queryParameters(endpoint), ...headers(endpoint)],
  ...(endpoint.body && { requestBody: requestBody(endpoint.body) }),
  responses: { ...successes(endpoint), ...problems(endpoint) },
});

const pathParameters = ({ path }: Endpoint) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: schemaOf(contract.PATH_PARAMETERS[name as keyof typeof contract.PATH_PARAMETERS]),
  }));

const queryParameters = ({ query }: Endpoint) =>
  Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(unwrapped(schema as z.ZodType)),
  }));

const unwrapped = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;

const headers = ({ keyed, conditional }: Endpoint) => [
  ...(keyed ? [header('Idempotency-Key', contract.idempotencyKeySchema, KEYED)] : []),
  ...(conditional ? [header('If-None-Match', z.string(), CONDITIONAL)] : []),
];

const KEYED = 'The same request again with the same key is done once.';
const CONDITIONAL = 'The ETag of an answer that is at hand. Saves bytes, not reads.';

const header = (name: string, schema: z.ZodType, description: string) => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: schemaOf(schema),
});

const requestBody = ({ schema, required, bytes }: NonNullable<Endpoint['body']>) => ({
  required,
  description: `At most ${bytes} bytes and ${LIMITS.jsonDepth} levels${required ? '' : '; empty means {}'}.`,
  content: { 'application/json': { schema: schemaOf(schema) } },
});

function successes({ success, answer, conditional }: Endpoint): Document {
  const content = { 'application/json': { schema: schemaOf(answer) } };
  return {
    ...Object.fromEntries(
      Object.entries(success).map(([status, description]) => [
        status,
        { description, ...(conditional && { headers: { ETag: textHeader } }), content },
      ]),
    ),
    431: { description: 'The address and the headers are too long: no body.' },
    ...(conditional && {
      304: { description: 'Nothing changed: no body.', headers: { ETag: textHeader } },
    }),
  };
}

const textHeader = { schema: { type: 'string' } };

/** What API Gateway answers by itself has the type `about:blank`. */
const GATEWAY: Readonly<Record<number, string>> = {
  400: 'The gateway refused the request.',
  403: 'The gateway refused the request.',
  413: 'The gateway takes no body as large.',
  429: 'Too many requests for the throttle of the stage.',
  500: 'The gateway failed.',
  502: 'The API did not answer in a form the gateway understands.',
  503: 'The API is not there.',
  504: 'The API took too long; the request may still be carried out.',
};

function problems({ problems: own }: Endpoint): Document {
  const words = new Map<number, string[]>(
    Object.entries(GATEWAY).map(([status, text]) => [Number(status), [text]]),
  );
  for (const code of new Set<ProblemCode>([...own, ...COMMON_PROBLEMS])) {
    const { status, title } = PROBLEMS[code];
    words.set(status, [`\`${problemType(code)}\`: ${title}.`, ...(words.get(status) ?? [])]);
  }
  return Object.fromEntries([...words].map(([status, texts]) => [status, problem(texts)]));
}

const problem = (texts: readonly string[]) => ({
  description: texts.join(' '),
  content: {
    'application/problem+json': { schema: { $ref: referenceTo('Problem') } },
  },
});
