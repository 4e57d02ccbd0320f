/**
 * Evaluates expressions in a process of their own, so that nothing an expression does can hold up or end its caller: a regular
 * expression that never ends is killed, one large allocation ends that process only (in a worker thread V8 aborts the whole process).
 *
 * (V1) Evaluations run one after the other, each with its own time: what one does never fails another.
 * (V2) The process is started by the first expression, kept warm, and never keeps its caller alive while idle.
 * (V3) It is given no environment: no credentials are within its reach.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { env } from 'node:process';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { LIMITS } from '../limits.js';
import { momentOf } from '../moment.js';
import type { Evaluated, ExpressionContext, Template } from './evaluate-template.js';
import { ExpressionError, exceeded, failed } from './expression-errors.js';
import type { FromProcess, ToProcess } from './expression-process.js';
import { hasExpressions } from './expression-text.js';
import { copyJson } from './json-copy.js';

export interface Evaluator {
  /**
   * Never rejects for what an expression does.
   * @throws EvaluatorStartError when there is nothing to evaluate it with.
   */
  evaluate(template: Template, context: ExpressionContext): Promise<Evaluated>;
  /** Ends the process, if there is one; another evaluation would start it again. */
  close(): Promise<void>;
}

/** The process did not come up: a fault of the installation, not of an expression. */
export class EvaluatorStartError extends Error {
  override readonly name = 'EvaluatorStartError';
}

/** How long the process may take to come up. */
const START_MS = 15_000;
const STDERR_KEPT = 2_000;
/** Characters of JSON that are worth handing over: read, they take several times as much of its memory. */
const REQUEST_MOST = (LIMITS.expression.memoryMb / 4) * 1024 * 1024;

/** As they are evaluated. */
const IN_ORDER = ['when', 'until', 'forEach', 'input'] as const satisfies (keyof Template)[];

/** How an evaluation ended; `lost`: with its process, before it had begun. */
type Answer = Evaluated | { readonly kind: 'lost' };

/** @param file the built `expression-process`, a module Node can run as it is. */
export function createEvaluator(file: URL): Evaluator {
  let running: ChildProcess | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const inProcess = async (request: Request): Promise<Answer> => {
    running = running && isAlive(running) ? running : await start(file);
    return answerOf(running, request);
  };
  const evaluateNext = async (template: Template, context: ExpressionContext) => {
    const place = IN_ORDER.find((part) => template[part] !== undefined) ?? 'input';
    const json = jsonOf(template, context);
    if (json === undefined) return asEvaluated(exceeded(place, 'memory'));
    const request = { json, place };
    const first = await inProcess(request);
    const answer = first.kind === 'lost' ? await inProcess(request) : first;
    return answer.kind === 'lost' ? asEvaluated(exceeded(place, 'memory')) : answer;
  };
  return {
    evaluate(template, context) {
      if (!hasExpressions(Object.values(template)) && template.when === undefined)
        return Promise.resolve(literalOf(template));
      const evaluated = queue.then(() => evaluateNext(template, context));
      queue = evaluated.catch(() => undefined);
      return evaluated;
    },
    async close() {
      await queue;
      if (running && isAlive(running)) await end(running);
      running = undefined;
    },
  };
}

/** Without JSONata, which this module's bundle would have to hold. */
function literalOf({ until, forEach, label, input }: Template): Evaluated {
  const labelled = label === undefined ? {} : { label };
  const moment = momentOf(until);
  try {
    return {
      kind: 'values',
      // A definition is stored only with a moment or an expression.
      ...(moment !== undefined && { until: moment }),
      ...(Array.isArray(forEach) && { items: forEach.map((item) => ({ item, ...labelled })) }),
      ...(input !== undefined && { input: copyJson(input, 'input', 0, { bytes: 0 }) }),
    };
  } catch (error) {
    if (error instanceof ExpressionError) return asEvaluated(error);
    throw error;
  }
}

const isAlive = (child: ChildProcess) =>
  child.exitCode === null && child.signalCode === null && child.connected;

async function start(file: URL): Promise<ChildProcess> {
  const child = fork(fileURLToPath(file), [], {
    execArgv: [
      `--max-old-space-size=${LIMITS.expression.memoryMb}`,
      '--disallow-code-generation-from-strings',
      '--disable-proto=delete',
    ],
    env: librariesOfNode(),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  let said = '';
  child.stderr?.on('data', (text) => (said = `${said}${text}`.slice(-STDERR_KEPT)));
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new EvaluatorStartError(`the expression process did not start: ${why} ${said}`));
    };
    const timer = setTimeout(() => fail(`not within ${START_MS} ms`), START_MS);
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => fail(`it ended with ${code}`));
    child.once('message', () => {
      clearTimeout(timer);
      child.removeAllListeners('close').removeAllListeners('error');
      // Of a process that died, its exit tells enough.
      child.on('error', () => undefined);
      resolve();
    });
  });
  return child;
}

/** Lambda's Node may need it to load. */
function librariesOfNode(): Record<string, string> {
  const path = env['LD_LIBRARY_PATH'];
  return path === undefined ? {} : { LD_LIBRARY_PATH: path };
}

interface Request {
  readonly json: ToProcess;
  /** Of its first expression, or above it. */
  readonly place: string;
}

/** Undefined when it is too large. */
function jsonOf(template: Template, context: ExpressionContext): ToProcess | undefined {
  try {
    const json = JSON.stringify({ template, context });
    return json.length > REQUEST_MOST ? undefined : json;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function answerOf(child: ChildProcess, request: Request): Promise<Answer> {
  return new Promise((resolve) => {
    let place: string | undefined;
    const settle = (answer: Answer) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      keepsCallerAlive(child, false);
      resolve(answer);
    };
    const onMessage = (message: FromProcess) => {
      if (message.kind === 'place') place = message.place;
      else if (message.kind === 'evaluated') settle(message.evaluated);
    };
    const onExit = (code: number | null) => {
      if (place === undefined) settle({ kind: 'lost' });
      else settle(asEvaluated(errorOfExit(place, code)));
    };
    const timer = setTimeout(() => {
      const error = exceeded(place ?? request.place, 'time');
      void end(child).then(() => settle(asEvaluated(error)));
      child.off('exit', onExit);
    }, LIMITS.expression.milliseconds);
    child.on('message', onMessage).on('exit', onExit);
    keepsCallerAlive(child, true);
    child.send(request.json);
  });
}

/** V8 ends a process whose heap is full by a signal, as an operating system short of memory does. */
function errorOfExit(place: string, code: number | null): ExpressionError {
  return code === null
    ? exceeded(place, 'memory')
    : failed(place, `ended the process that evaluated it (exit code ${code})`);
}

const asEvaluated = ({ taskError }: ExpressionError): Evaluated => ({
  kind: 'failed',
  error: taskError,
});

function keepsCallerAlive(child: ChildProcess, keeps: boolean): void {
  const stderr = child.stderr as unknown as { ref(): void; unref(): void } | null;
  for (const handle of [child, child.channel, stderr])
    if (keeps) handle?.ref();
    else handle?.unref();
}

async function end(child: ChildProcess): Promise<void> {
  child.ref();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
