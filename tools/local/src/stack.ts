/**
 * The whole of a synthesised assembly, running. Owns the order: what is started first is stopped last, a start that fails
 * takes back what it had started, and once `stop` has returned no process, port or lock of it is left.
 */
import { join } from 'node:path';
import { startAwsEndpoint, type AwsEndpoint } from './aws-endpoint/aws-endpoint.js';
import { credentialsOf } from './aws-endpoint/identities.js';
import type { CallHook } from './aws-endpoint/faults.js';
import type { AwsCall, Meter } from './aws-endpoint/meter.js';
import type { DataPlace } from './emulator/data-directory.js';
import { startEmulator, type Emulator } from './emulator/emulator.js';
import type { EngineRestarts } from './emulator/engine-process.js';
import { startEventSources } from './event-sources.js';
import { openFunctionLogs, type FunctionLogs } from './function-logs.js';
import { createFunctions, type Functions, type InvocationHook } from './functions/functions.js';
import { startGateway } from './gateway/gateway.js';
import { listenOnLoopback, PortInUseError, type LoopbackServer } from './gateway/loopback.js';
import { removeLocalFile, writeLocalFile } from './local-file.js';
import type { FunctionModel, StackModel } from './model.js';
import { withLocalQueues } from './queues/local-queues.js';
import { openQueueStore } from './queues/queue-store.js';
import type { QueueStore, Stoppable } from './runtime.js';
import { startSite } from './site/site.js';
import { readModel } from './stack-model.js';
import { Started } from './started.js';

export type StackOptions = DataPlace & {
  /** `cdk.out` */
  readonly assemblyDirectory: string;
  /** 0, the default, takes any free port. */
  readonly apiPort?: number;
  /** 0, the default, takes any free port. */
  readonly dashboardPort?: number;
  /** Default `localhost`: both loopback addresses. */
  readonly host?: string;
  /** Variables instead of the template's values, on the functions that declare them; some function must. */
  readonly functionEnvironment?: Readonly<Record<string, string>>;
  /** The same where they are declared, and else of no matter. */
  readonly suggestedEnvironment?: Readonly<Record<string, string>>;
  /** Instead of what the schedules' own expressions say. */
  readonly scheduleEverySeconds?: number;
  /**
   * By which records of different items change places within a batch of a stream, as all that AWS promises is the order of
   * each item; `in-sequence` leaves them. Default: a seed that is always the same.
   */
  readonly streamOrder?: number | 'in-sequence';
  /** False leaves out the API, the dashboard, the mappings and the schedules: functions run when invoked. */
  readonly isServing?: boolean;
  /** Told what a person should know, one line each. Default: standard error. */
  readonly onNotice?: (line: string) => void;
  /** The stack cannot go on; it is not stopped yet. Default: a notice. */
  readonly onFailure?: (error: Error) => void;
  /** Told of each call a function makes to AWS, once it is answered. */
  readonly onCall?: (call: AwsCall) => void;
  /** Where DYNAMODB_ENDPOINT and PATH are looked up. Default: this process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly engineRestarts?: EngineRestarts;
  /** Stand between the functions and AWS, and between an event and its function. Default: nothing does. */
  readonly interference?: {
    readonly call: CallHook;
    readonly invocation: InvocationHook;
  };
};

export interface RunningStack extends Stoppable {
  /** With a slash at the end: `http://localhost:3000/prod/`. Empty where the assembly has no API. */
  readonly apiUrl: string;
  /** With a slash at the end. Empty where the assembly has no site. */
  readonly dashboardUrl: string;
  /** DynamoDB, its streams, SQS and Lambda's Invoke, signed as `OPERATOR`. */
  readonly awsEndpointUrl: string;
  readonly dataDirectory: string;
  /** Where the task functions note each execution, one JSON object a line. */
  readonly ledgerFile: string;
  readonly model: StackModel;
  readonly meter: Meter;
  readonly functions: Functions;
  readonly queues: QueueStore;
  readonly logs: FunctionLogs;
  readonly emulator: Emulator;
  /** Sums of the metrics the functions logged. */
  metrics(): ReturnType<Functions['metrics']>;
}

/** A port that was asked for by number is another program's. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  constructor(
    readonly port: number,
    what: string,
    option: string,
  ) {
    super(
      `port ${port} for the ${what} is in use: stop what holds it, or choose another with ${option} (0 takes any free one)`,
    );
  }
}

/** Milliseconds for what runs at a stop, parts of the few seconds that a whole stop may take. */
const DRAIN_MS = { mappings: 1_500, functions: 3_000 } as const;

const DEFAULT_STREAM_ORDER = 1;

type Notice = (line: string) => void;

/**
 * @throws PortTakenError, DataDirectoryInUseError, NoEngineError, EngineError, IncompatibleTableError, UndeclaredVariableError
 * and what reading the assembly throws; nothing is left running then
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const onNotice = options.onNotice ?? ((line) => process.stderr.write(`${line}\n`));
  const started = new Started(onNotice);
  try {
    return await start({ ...options, onNotice }, started);
  } catch (error) {
    await started.stop();
    throw error;
  }
}

async function start(
  options: StackOptions & { readonly onNotice: Notice },
  started: Started,
): Promise<RunningStack> {
  const { onNotice } = options;
  const emulator = started.add('the DynamoDB engine', await startEmulator(options));
  const dataDirectory = emulator.directory.path;
  removeLocalFile(emulator.directory.announceIn);

  const ports = await holdPorts(options, started);
  const model = readModel(options, {
    apiOrigin: ports.api.origin,
    dashboardOrigin: ports.dashboard.origin,
    dataDirectory,
  });
  for (const name of model.skipped) onNotice(`not run here: ${name}`);
  await emulator.ensureTables(model.tables);

  const base = await startFunctions({ ...options, model, emulator }, started);
  const isServing = options.isServing ?? true;
  const urls = isServing
    ? await serve({ ...options, ...base, emulator, ports }, started)
    : { apiUrl: '', dashboardUrl: '' };
  const { endpoint, functions, queues, logs, ledgerFile } = base;
  return {
    ...urls,
    ...{ dataDirectory, ledgerFile, model: base.model, functions, queues, logs, emulator },
    awsEndpointUrl: endpoint.url,
    meter: endpoint.meter,
    metrics: () => functions.metrics(),
    stop: () => started.stop(),
  };
}

interface Base {
  /** With the addresses that are only known once something serves. */
  readonly model: StackModel;
  readonly endpoint: AwsEndpoint;
  readonly functions: Functions;
  readonly queues: QueueStore;
  readonly logs: FunctionLogs;
  readonly ledgerFile: string;
  /** Told each time a function has written to a table. */
  readonly onWrite: (() => void)[];
}

interface BaseParts extends Pick<StackOptions, 'onCall' | 'interference'> {
  readonly model: StackModel;
  readonly emulator: Emulator;
  readonly onNotice: Notice;
}

/** The functions and the AWS they call: each needs the other, so the endpoint asks for them at the first call. */
async function startFunctions(parts: BaseParts, started: Started): Promise<Base> {
  const { emulator, onNotice } = parts;
  const dataDirectory = emulator.directory.path;
  const logs = started.add('the logs', openFunctionLogs(join(dataDirectory, 'logs')));
  const queues = await openQueueStore(join(dataDirectory, 'queues'));
  const ledgerFile = join(dataDirectory, 'ledger.jsonl');
  const onWrite: (() => void)[] = [];
  const foreground = waitedFor(parts.model);
  const endpoint: AwsEndpoint = started.add(
    'the AWS endpoint',
    await startAwsEndpoint({
      ...{ engineUrl: emulator.url, tables: parts.model.tables, functions: parts.model.functions },
      queues: { queues: parts.model.queues, store: queues },
      invoker: () => functions,
      ...(parts.interference && { passing: parts.interference.call }),
      onCall: (call) => {
        if (call.usage.tableWriteUnits > 0) for (const tell of onWrite) tell();
        parts.onCall?.(call);
      },
    }),
  );
  const model = withLocalQueues(parts.model, endpoint.url);
  const functions: Functions = started.add(
    'the functions',
    await createFunctions({
      functions: model.functions,
      environment: (fn) => providedTo(fn, endpoint.url, ledgerFile),
      isForeground: ({ arn }) => foreground.has(arn),
      dataDirectory,
      queueStore: queues,
      onLog: (line) => logs.append(line),
      searchPath: process.env['PATH'] ?? '',
      drainMs: DRAIN_MS.functions,
      ...(parts.interference && { around: parts.interference.invocation }),
    }),
  );
  for (const note of functionNotes(functions)) onNotice(note);
  return { model, endpoint, functions, queues, logs, ledgerFile, onWrite };
}

/** The functions behind the API and behind the streams. */
function waitedFor({ apis, mappings }: StackModel): ReadonlySet<string> {
  const routes = apis.flatMap((api) => api.routes.map(({ integration }) => integration));
  return new Set([
    ...routes.flatMap((to) => (to.kind === 'lambda' ? [to.functionArn] : [])),
    ...mappings.map(({ functionArn }) => functionArn),
  ]);
}

interface Served extends Base, Pick<StackOptions, 'host' | 'streamOrder'> {
  readonly emulator: Emulator;
  readonly ports: Ports;
  readonly onNotice: Notice;
}

/** @returns the addresses people use; empty ones for what the assembly does not have */
async function serve(parts: Served, started: Started) {
  const { model, functions, queues, emulator, ports, onNotice, host = 'localhost' } = parts;
  const { streamOrder = DEFAULT_STREAM_ORDER } = parts;
  const dataDirectory = emulator.directory.path;
  const [api] = model.apis;
  const [site] = model.sites;
  await Promise.all([ports.api.stop(), ports.dashboard.stop()]);
  const gateway =
    api &&
    started.add(
      'the API',
      await startGateway({ api, invoker: functions, port: ports.api.port, host }),
    );
  const dashboard =
    site &&
    started.add('the dashboard', await startSite({ site, port: ports.dashboard.port, host }));
  const eventSources = started.add(
    'the event sources',
    startEventSources({
      ...{ model, queueStore: queues, dataDirectory, onNotice },
      ...{ invoker: functions, engineUrl: emulator.url, drainMs: DRAIN_MS.mappings },
      ...(streamOrder === 'in-sequence' ? {} : { orderSeed: streamOrder }),
    }),
  );
  // A mapping looks for new records now and then; a write is what brings some.
  parts.onWrite.push(() => eventSources.wake());
  const urls = { apiUrl: gateway?.url ?? '', dashboardUrl: dashboard?.url ?? '' };
  const { announceIn } = emulator.directory;
  started.add('local.json', { stop: async () => removeLocalFile(announceIn) });
  writeLocalFile(announceIn, {
    ...urls,
    lambdaEndpoint: parts.endpoint.url,
    outputs: model.outputs,
    logDirectory: parts.logs.directory,
  });
  return urls;
}

interface Ports {
  readonly api: LoopbackServer;
  readonly dashboard: LoopbackServer;
}

/** Addresses are part of what the functions and the site are told, so ports are taken before anything can serve on them. */
async function holdPorts(options: StackOptions, started: Started): Promise<Ports> {
  const hold = async (port = 0, what: string, option: string) => {
    const host = options.host ?? 'localhost';
    try {
      return started.add(
        `port ${port}`,
        await listenOnLoopback((_, response) => response.writeHead(503).end(), { port, host }),
      );
    } catch (error) {
      throw error instanceof PortInUseError ? new PortTakenError(error.port, what, option) : error;
    }
  };
  return {
    api: await hold(options.apiPort, 'API', '--api-port'),
    dashboard: await hold(options.dashboardPort, 'dashboard', '--dashboard-port'),
  };
}

/** What the runtime itself gives a function, above what its template declares. */
function providedTo(
  fn: FunctionModel,
  endpointUrl: string,
  ledgerFile: string,
): Readonly<Record<string, string>> {
  return {
    ...credentialsOf(fn.arn),
    AWS_ENDPOINT_URL: endpointUrl,
    // SDKs of before the general variable know only these.
    AWS_ENDPOINT_URL_DYNAMODB: endpointUrl,
    AWS_ENDPOINT_URL_LAMBDA: endpointUrl,
    ORCHESTRA_LEDGER: ledgerFile,
  };
}

function functionNotes({ missingInterpreters, notes }: Functions): readonly string[] {
  const missing = missingInterpreters.map(
    (runtime) => `nothing here runs ${runtime}: functions of it fail when they are invoked`,
  );
  return [...missing, ...notes];
}
