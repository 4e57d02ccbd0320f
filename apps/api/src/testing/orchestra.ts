/** The API behind real proxy events, over a repository in memory and a small start of its own. */
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import {
  diamond,
  type Definition,
  type DefinitionRef,
  type PlaceRepository,
  type StartRequest,
  type Workflow,
} from '@orchestra/workflow-core';
import {
  InMemoryPlaces,
  InMemoryRepository,
  InMemorySchedules,
} from '@orchestra/workflow-core/in-memory';
import { createApp } from '../app.js';
import { corsOriginsSchema } from '../cors-origins.js';
import type { Dependencies } from '../dependencies.js';
import { behindApiGateway } from '../proxy-event.js';
import type { Orchestrator } from '../ask-orchestrator.js';

export const NOW = '2030-01-01T00:00:00.000Z';
export const ORIGIN = {
  epoch: 1,
  definition: { name: 'diamond', revision: 1 },
  workflowStartedAt: '2026-01-02T03:04:05.006Z',
  expiresAt: 2e9,
};

export interface Ask {
  readonly body?: string;
  readonly base64?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** @throws when the answer is not JSON */
  json(): unknown;
}

/** Orders nobody here carries out; a test that gives some says how. */
const refusing: Omit<Orchestrator, 'start'> = {
  cancel: async () => ({ kind: 'unknown' }),
  redrive: async () => ({ kind: 'unknown', detail: 'there is no such workflow' }),
  answer: async () => ({ kind: 'unknown' }),
  heartbeat: async () => ({ kind: 'unknown' }),
  control: async () => ({ kind: 'unknown' }),
  override: async () => ({ kind: 'unknown', detail: 'there is no such workflow' }),
};

export function createOrchestra({
  orchestrator,
  ...changes
}: Partial<Omit<Dependencies, 'orchestrator'>> & { orchestrator?: Partial<Orchestrator> } = {}) {
  const schedules = new InMemorySchedules();
  const repository = new InMemoryRepository(() => {}, schedules);
  const places: PlaceRepository = new InMemoryPlaces();
  const logged: string[] = [];
  let made = 0;
  const dependencies: Dependencies = {
    repository,
    places,
    schedules,
    orchestrator: { ...refusing, start: startIn(repository), ...orchestrator },
    newId: () => `made-${++made}`,
    allowOrigin: corsOriginsSchema.parse('https://orchestra.example,http://localhost:*'),
    functions: new Set(diamond.tasks.flatMap((task) => task.function ?? [])),
    now: () => Date.parse(NOW),
    log: (line) => logged.push(line),
    ...changes,
  };
  const handler = behindApiGateway(createApp(dependencies));
  return {
    dependencies,
    repository,
    places,
    schedules,
    logged,
    ask: async (method: string, path: string, ask: Ask = {}): Promise<Answer> =>
      answerOf(await handler(proxyEvent(method, path, ask), {} as Context)),
  };
}

/** As the orchestrator starts: the id and the body decide which workflow it is. */
export function startIn(
  repository: InMemoryRepository,
  sample: Definition = diamond,
): Orchestrator['start'] {
  return async ({ workflowId, input = null, definition, tags }) => {
    const ref = await revisionOf(repository, definition, sample);
    if (!ref) return { kind: 'unknownDefinition', detail: `there is no "${definition?.name}"` };
    const requestHash = JSON.stringify([input, definition, tags]);
    const expiresAt = ORIGIN.expiresAt;
    const workflow: Workflow = {
      workflowId,
      status: 'RUNNING',
      version: 1,
      epoch: 1,
      definition: ref,
      requestHash,
      input: await repository.putPayload({ workflowId, key: 'input', expiresAt }, input),
      ...(tags && { tags }),
      createdAt: NOW,
      startedAt: NOW,
      expiresAt,
    };
    const result = await repository.createWorkflow(workflow);
    if (result.kind === 'created') return { kind: 'created', workflowId, status: 'RUNNING' };
    const isSame = result.workflow.requestHash === requestHash;
    return { kind: isSame ? 'existing' : 'conflict', workflowId, status: result.workflow.status };
  };
}

async function revisionOf(
  repository: InMemoryRepository,
  asked: StartRequest['definition'],
  sample: Definition,
): Promise<DefinitionRef | undefined> {
  if (asked) return repository.getRevision({ revision: 1, ...asked });
  const { revision } = await repository.putDefinition(sample, NOW);
  return { name: sample.name, revision };
}

function answerOf({
  statusCode,
  multiValueHeaders,
  body,
}: Awaited<ReturnType<ReturnType<typeof behindApiGateway>>>): Answer {
  return {
    status: statusCode,
    headers: Object.fromEntries(
      Object.entries(multiValueHeaders ?? {}).map(([name, values]) => [name, values.join(', ')]),
    ),
    text: body,
    json: () => JSON.parse(body) as unknown,
  };
}

const multiValue = (single: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(single).map(([name, value]) => [name, [value]]));

/** What API Gateway's REST API (payload version 1) sends for a request to the stage `prod`. */
function proxyEvent(method: string, path: string, ask: Ask): APIGatewayProxyEvent {
  const headers = { Host: 'api.example', ...ask.headers };
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: multiValue(headers),
    queryStringParameters: ask.query ?? null,
    multiValueQueryStringParameters: ask.query ? multiValue(ask.query) : null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    body:
      ask.body === undefined
        ? null
        : ask.base64
          ? Buffer.from(ask.body, 'latin1').toString('base64')
          : ask.body,
    isBase64Encoded: ask.base64 ?? false,
    requestContext: {
      path: `/prod${path}`,
      stage: 'prod',
      requestId: 'request-1',
      domainName: 'api.example',
      httpMethod: method,
    } as APIGatewayProxyEvent['requestContext'],
  };
}
