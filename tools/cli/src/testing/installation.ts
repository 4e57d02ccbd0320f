/** An installation in small: real servers that speak the API's contract, Lambda's Invoke API and CloudFormation's. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  listWorkflowsQuerySchema,
  startWorkflowRequestSchema,
  type Problem,
  type Task,
  type Workflow,
} from '@orchestra/api-contract';
import { diamond } from '@orchestra/workflow-core';
import { runCommandLine } from '../command-line.js';
import type { AwsPlace, System } from '../system.js';

export const NOW = '2030-01-01T00:00:00.000Z';
const arn = (name: string) => `arn:aws:lambda:eu-central-1:111111111111:function:${name}`;

type TaskFunction = (event: { readonly taskId: string; readonly dependencies: object }) => unknown;

export class Installation {
  readonly workflows = new Map<string, Workflow[]>();
  readonly requests: string[] = [];
  readonly events: unknown[] = [];
  /** Answers the API gives before any other, oldest first. */
  readonly failures: { readonly status: number; readonly body: string }[] = [];
  /** `POST /workflows/w/cancel` -> its answer, or how it follows from the query; bodies that were sent are among `events`. */
  readonly answers = new Map<string, object | ((search: URLSearchParams) => object)>();
  /** Task id -> how its function answers; the others answer as the samples do. */
  readonly functions = new Map<string, TaskFunction>();
  /** How a workflow that is started ends. */
  ending: 'SUCCESS' | 'FAILED' = 'SUCCESS';
  private made = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<Installation> {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as AddressInfo;
    const installation = new Installation(server, `http://127.0.0.1:${port}`);
    server.on('request', (request, response) => void installation.serve(request, response));
    return installation;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  get apiUrl(): string {
    return `${this.url}/prod/`;
  }

  private get failureQueueUrl(): string {
    return `${this.url}/111111111111/failures`;
  }

  /** What the stack writes about itself. */
  localJson(changes: object = {}): string {
    return JSON.stringify({
      apiUrl: this.apiUrl,
      dashboardUrl: this.url,
      pid: 1,
      lambdaEndpoint: `${this.url}/lambda`,
      outputs: {
        'OrchestrationStack.OrchestratorArn': arn('orchestrator'),
        'OrchestrationStack.TaskFunctions': this.taskFunctions(),
        'OrchestrationStack.FailureQueueUrl': this.failureQueueUrl,
      },
      ...changes,
    });
  }

  private taskFunctions(): string {
    return JSON.stringify(
      Object.fromEntries(diamond.tasks.map(({ id }) => [id, arn(`task-${id}`)])),
    );
  }

  /** Each look at the workflow sees the next of its states; the last one stays. */
  add(workflowId: string, ...states: Workflow[]): void {
    this.workflows.set(workflowId, states);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const body = await textOf(request);
    this.requests.push(`${request.method} ${request.url}`);
    const send = (status: number, document: unknown) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(document));
    // The failure queue, which is empty.
    if (request.headers['x-amz-target']?.toString().startsWith('AmazonSQS.')) {
      this.events.push(JSON.parse(body));
      return void send(200, {});
    }
    if (pathname.startsWith('/lambda/')) return this.invoke(pathname, body, response);
    if (pathname === '/cloudformation/')
      return void response.end(
        this.describeStacks(new URLSearchParams(body).get('StackName') ?? ''),
      );
    const failure = this.failures.shift();
    if (failure) return void response.writeHead(failure.status).end(failure.body);
    const path = pathname.replace('/prod', '');
    const answer = this.answers.get(`${request.method} ${path}`);
    if (answer !== undefined) {
      if (body !== '') this.events.push(JSON.parse(body));
      return void send(200, typeof answer === 'function' ? answer(searchParams) : answer);
    }
    const id = /^\/prod\/workflows\/([^/]+)$/.exec(pathname)?.[1];
    if (id !== undefined) {
      const workflow = this.look(id);
      return void (workflow
        ? send(200, workflow)
        : send(404, problem(404, `there is no workflow "${id}"`)));
    }
    if (path !== '/workflows') return void send(404, problem(404, `there is no ${path}`));
    if (request.method === 'GET') return void send(200, this.list(searchParams));
    const asked = startWorkflowRequestSchema.parse(JSON.parse(body));
    const started = this.start(asked.workflowId ?? `made-${++this.made}`, asked.input);
    return void send(202, { workflowId: started, status: 'RUNNING' });
  }

  private start(workflowId: string, input: unknown): string {
    this.add(
      workflowId,
      workflowIn(workflowId, 'RUNNING', { input }),
      workflowIn(workflowId, this.ending, { input }),
    );
    return workflowId;
  }

  private look(workflowId: string): Workflow | undefined {
    const states = this.workflows.get(workflowId) ?? [];
    return states.length > 1 ? states.shift() : states[0];
  }

  private list(search: URLSearchParams) {
    const { status, limit, cursor } = listWorkflowsQuerySchema.parse(Object.fromEntries(search));
    const all = [...this.workflows.values()]
      .flatMap((states) => states.slice(0, 1))
      .filter((workflow) => status === undefined || workflow.status === status);
    const from = Number(cursor ?? 0);
    const workflows = all
      .slice(from, from + limit)
      .map(({ workflowId, status, definition, createdAt }) => ({
        workflowId,
        status,
        definition,
        createdAt,
      }));
    return { workflows, ...(from + limit < all.length && { nextCursor: String(from + limit) }) };
  }

  private invoke(pathname: string, body: string, response: ServerResponse): void {
    const name =
      decodeURIComponent(pathname.split('/').at(-2) ?? '')
        .split(':')
        .at(-1) ?? '';
    const event = JSON.parse(body);
    this.events.push(event);
    try {
      response.end(JSON.stringify(this.answerOf(name, event)));
    } catch (error) {
      response.setHeader('x-amz-function-error', 'Unhandled');
      const { name: errorType, message: errorMessage } = error as Error;
      response.end(JSON.stringify({ errorType, errorMessage, trace: [] }));
    }
  }

  private answerOf(
    name: string,
    event: { workflowId: string; taskId: string; input: unknown; dependencies: object },
  ) {
    if (name === 'orchestrator') {
      const known = this.functions.get('orchestrator');
      if (known) return known(event);
      return {
        kind: 'created',
        workflowId: this.start(event.workflowId, event.input),
        status: 'RUNNING',
      };
    }
    const run = this.functions.get(event.taskId);
    return run
      ? run(event)
      : { runtime: 'nodejs24.x', task: event.taskId, result: event.dependencies };
  }

  private describeStacks(stackName: string): string {
    const outputs: Record<string, string> =
      stackName === 'ApiStack'
        ? { WorkflowsApiEndpoint: this.apiUrl }
        : {
            OrchestratorArn: arn('orchestrator'),
            TaskFunctions: this.taskFunctions(),
            FailureQueueUrl: this.failureQueueUrl,
          };
    const members = Object.entries(outputs).map(
      ([key, value]) =>
        `<member><OutputKey>${key}</OutputKey><OutputValue>${value.replaceAll('"', '&quot;')}</OutputValue></member>`,
    );
    return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${stackName}</StackName><CreationTime>${NOW}</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

export const problem = (status: number, detail: string, errors?: Problem['errors']): Problem => ({
  type: 'about:blank',
  title: 'Refused',
  status,
  detail,
  errors,
});

/** A diamond in which every task is as far as the workflow. */
export function workflowIn(
  workflowId: string,
  status: Workflow['status'],
  changes: Partial<Workflow> & { readonly task?: Partial<Task> } = {},
): Workflow {
  const { task, ...rest } = changes;
  const taskStatus = { SUCCESS: 'SUCCEEDED', FAILED: 'FAILED' }[status as string] ?? 'RUNNING';
  return {
    workflowId,
    status,
    definition: { name: 'diamond', revision: 1 },
    createdAt: NOW,
    epoch: 1,
    startedAt: NOW,
    ...(status !== 'RUNNING' && { endedAt: NOW, durationMs: 2_345 }),
    input: {},
    taskCounts: { [taskStatus]: diamond.tasks.length },
    tasks: diamond.tasks.map(({ id, function: name, dependsOn = [] }) => ({
      taskId: id,
      kind: 'function',
      function: name,
      status: taskStatus as Task['status'],
      dependsOn: [...dependsOn],
      attempt: 1,
      startedAt: NOW,
      ...(taskStatus !== 'RUNNING' && { durationMs: 850 }),
      ...task,
    })),
    ...rest,
  };
}

export interface Run {
  readonly exitCode: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
  readonly raw: string;
}

/** Runs one command in a world whose clock moves only by sleeping. */
export async function run(
  args: readonly string[],
  installation: Installation,
  changes: Partial<System> & {
    readonly size?: { readonly columns: number; readonly rows: number };
    /** What a person answers; nobody is there without it. */
    readonly answer?: string;
  } = {},
): Promise<Run> {
  const out: string[] = [];
  const err: string[] = [];
  const raw: string[] = [];
  const { size, answer, ...system } = changes;
  let now = Date.parse(NOW);
  let ids = 0;
  const client = (place: AwsPlace, endpoint: string) => ({
    region: place.region,
    endpoint: place.endpoint ?? endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const exitCode = await runCommandLine(args, {
    terminal: {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      raw: (text) => raw.push(text),
      size,
      ask:
        answer === undefined
          ? undefined
          : async (question) => {
              err.push(...question.split('\n'));
              return answer;
            },
    },
    env: {},
    dataDirectory: '/data/',
    interrupted: new AbortController().signal,
    now: () => now,
    sleep: async (milliseconds) => void (now += milliseconds),
    newId: () => `id-${++ids}`,
    isRunning: () => true,
    readFile: (path) => {
      if (path === '/data/local.json') return installation.localJson();
      throw new Error(`ENOENT: ${path}`);
    },
    loadModule: async (path) => {
      throw new Error(`ENOENT: ${path}`);
    },
    lambda: (place) => new LambdaClient(client(place, `${installation.url}/lambda`)),
    cloudFormation: (place) =>
      new CloudFormationClient(client(place, `${installation.url}/cloudformation`)),
    sqs: (place) => new SQSClient(client(place, installation.url)),
    streams: (place) => new DynamoDBStreamsClient(client(place, installation.url)),
    ...system,
  });
  return { exitCode, out, err, raw: raw.join('') };
}
