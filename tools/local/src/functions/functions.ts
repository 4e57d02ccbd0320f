import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { FunctionModel } from '../model.js';
import {
  UnknownFunctionError,
  type FunctionInvoker,
  type InvokeResult,
  type LogLine,
  type QueueStore,
  type Stoppable,
} from '../runtime.js';
import { systemClock, type Clock } from '../schedule/clock.js';
import { AsyncEvents } from './async-events.js';
import { EventJournal } from './event-journal.js';
import { failures } from './failure-document.js';
import { Fleet } from './fleet.js';
import { findInterpreter, versionNote, type InterpreterSearch } from './interpreters.js';
import { newRequestId, traceHeaderFor, unhandled } from './invocation.js';
import { MetricsCounter, type MetricTotal } from './metrics-counter.js';
import type { PoolCounts } from './pool.js';
import { startReaper } from './reaper.js';
import type { SandboxAtWork } from './sandbox.js';
import { sandboxLauncher } from './sandbox-launcher.js';
import { stageCode } from './staging.js';

export interface FunctionsOptions {
  readonly functions: readonly FunctionModel[];
  /** What the runtime itself gives a function: endpoint addresses, its identity. It wins over the template's. */
  readonly environment: (fn: FunctionModel) => Readonly<Record<string, string>>;
  /** Accepted asynchronous events are kept in `async-events.jsonl` here. */
  readonly dataDirectory: string;
  readonly queueStore: QueueStore;
  readonly onLog: (line: LogLine) => void;
  /** Where `python3` is looked for: directories parted by colons, as in `PATH`. */
  readonly searchPath: string;
  /**
   * Whether someone waits for this function: a person at the API, a stream. On a busy machine the others give way to it,
   * so that a crowd at work does not hold up the door. Default: all.
   */
  readonly isForeground?: (fn: FunctionModel) => boolean;
  /** Most sandboxes of one function, unless its reserved concurrency is lower. Default 50. */
  readonly maxConcurrency?: number;
  /** Most sandboxes of all functions together. Default: what half of the machine's memory bears. */
  readonly maxSandboxes?: number;
  /** Default: the cores of this machine. */
  readonly cores?: number;
  /** Milliseconds before an asynchronous event's first retry; the second waits twice as long. Default 60,000. */
  readonly asyncRetryDelayMs?: number;
  /** Milliseconds that running events are given at `stop`. Default 5,000. */
  readonly drainMs?: number;
  /** Milliseconds after which an idle sandbox above the number of cores is ended. Default 30,000. */
  readonly idleMs?: number;
  readonly clock?: Clock;
  /** Stands between an event and its function. Default: nothing does. */
  readonly around?: InvocationHook;
}

/** @param run gives the event to a sandbox */
export type InvocationHook = (
  fn: FunctionModel,
  payload: string,
  run: () => Promise<InvokeResult>,
) => Promise<InvokeResult>;

export interface FunctionsStats {
  readonly functions: readonly PoolCounts[];
  /** Accepted asynchronous events that have not ended, those that wait for a retry among them. */
  readonly asyncPending: number;
}

export interface Functions extends FunctionInvoker, Stoppable {
  /** Whether an asynchronous event is queued or runs; false while it only waits for a retry's time. */
  isInHand(requestId: string): boolean;
  stats(): FunctionsStats;
  /** The processes there are now. */
  sandboxes(): readonly SandboxAtWork[];
  /** Sums of the metrics that functions wrote to their logs in the embedded metric format. */
  metrics(): readonly MetricTotal[];
  /** Lambda runtimes that nothing on this machine runs; their functions fail when invoked. */
  readonly missingInterpreters: readonly string[];
  /** One line for each runtime that is run by another version than on AWS. */
  readonly notes: readonly string[];
}

/** Copies the functions' code aside, takes up events that an earlier run had accepted, and serves. */
export async function createFunctions(options: FunctionsOptions): Promise<Functions> {
  const { functions, onLog, queueStore, clock = systemClock } = options;
  const cores = options.cores ?? availableParallelism();
  await mkdir(options.dataDirectory, { recursive: true });
  const interpreters = await findInterpreters(functions, options.searchPath);
  const staging = await stageCode(functions.map((fn) => fn.codeDirectory));
  const reaper = startReaper(staging.root);
  const metrics = new MetricsCounter();

  const log = (functionName: string, text: string, requestId?: string) => {
    metrics.read(text);
    const at = new Date(clock.now()).toISOString();
    onLog(requestId ? { functionName, at, requestId, text } : { functionName, at, text });
  };

  const isForeground = options.isForeground ?? (() => true);
  const fleet = new Fleet({
    functions,
    cores,
    maxConcurrency: options.maxConcurrency ?? 50,
    ...(options.maxSandboxes !== undefined && { maxSandboxes: options.maxSandboxes }),
    isForeground,
    idleMs: options.idleMs ?? 30_000,
    launcherOf: sandboxLauncher({
      interpreterOf: (fn) => interpreters.get(fn.runtime)?.found,
      environment: options.environment,
      isForeground,
      staging,
      reaper,
    }),
    onLine: (fn, text, requestId) => log(fn.name, text, requestId),
  });

  const run = async (fn: FunctionModel, requestId: string, payload: string, trace: string) => {
    const search = interpreters.get(fn.runtime);
    if (search?.found) {
      const invoke = () => fleet.invoke(fn, { requestId, payload, traceHeader: trace });
      return options.around ? options.around(fn, payload, invoke) : invoke();
    }
    return unhandled(requestId, failures.interpreterMissing(fn.runtime, search?.sought ?? ''));
  };

  const journal = new EventJournal(join(options.dataDirectory, 'async-events.jsonl'));
  const events = new AsyncEvents({
    run: (fn, event) => run(fn, event.requestId, event.payload, traceHeaderFor()),
    turnOf: (fn) => (isForeground(fn) ? Promise.resolve() : fleet.backgroundTurn()),
    functionOf: (arn) => functions.find((fn) => fn.arn === arn),
    journal,
    queueStore,
    clock,
    onProblem: (fn, text) => log(fn.name, text),
    retryDelayMs: options.asyncRetryDelayMs ?? 60_000,
  });
  for (const { functionArn, requestId } of events.recover())
    log(functionArn, 'Event dropped: its function is no longer there', requestId);

  /** Asynchronous events that have not begun stay in the journal; what runs, and what it calls, may end in time. */
  const stop = async () => {
    events.hold();
    fleet.withdraw(events.inHand);
    await fleet.quietWithin(options.drainMs ?? 5_000);
    await fleet.stop();
    await events.settled();
    journal.close();
    await reaper.close();
    await staging.remove();
  };
  let stopping: Promise<void> | undefined;

  return {
    invoke: async (nameOrArn, payload, { traceHeader } = {}) => {
      const fn = find(functions, nameOrArn);
      return run(fn, newRequestId(), payload || '{}', traceHeaderFor(traceHeader));
    },
    invokeAsync: async (nameOrArn, payload) =>
      events.accept(find(functions, nameOrArn), payload || '{}'),
    isInHand: (requestId) => events.inHand.has(requestId),
    stats: () => ({ functions: fleet.counts(), asyncPending: events.pending }),
    sandboxes: () => fleet.sandboxes(),
    metrics: () => metrics.totals(),
    missingInterpreters: [...interpreters].filter(([, { found }]) => !found).map(([name]) => name),
    notes: versionNotes(interpreters),
    stop: () => (stopping ??= stop()),
  };
}

async function findInterpreters(functions: readonly FunctionModel[], searchPath: string) {
  const runtimes = [...new Set(functions.map((fn) => fn.runtime))];
  const searches = runtimes.map(async (runtime) => {
    return [runtime, await findInterpreter(runtime, searchPath)] as const;
  });
  return new Map<string, InterpreterSearch>(await Promise.all(searches));
}

function versionNotes(interpreters: ReadonlyMap<string, InterpreterSearch>): readonly string[] {
  return [...interpreters]
    .map(([runtime, { found }]) => found && versionNote(runtime, found))
    .filter((note) => note !== undefined);
}

/** By name, by ARN, or by either with a qualifier: there is one version of everything here. */
function find(functions: readonly FunctionModel[], nameOrArn: string): FunctionModel {
  const fn = functions.find(
    ({ name, arn }) =>
      nameOrArn === name ||
      nameOrArn === arn ||
      nameOrArn === `${name}:$LATEST` ||
      nameOrArn === `${arn}:$LATEST`,
  );
  if (!fn) throw new UnknownFunctionError(`Function not found: ${nameOrArn}`);
  return fn;
}
