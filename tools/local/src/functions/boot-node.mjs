/**
 * What stands between a Node handler and Lambda's Runtime API, in the sandbox process itself: loads the handler, then
 * asks for one event after the other. It ends when the Runtime API is gone, so it never outlives the runtime.
 * Behaves as AWS's own runtime does where a handler can tell: a value returned by a function that is neither async nor
 * calls back is dropped, and a callback's answer waits for the event loop unless the context says otherwise.
 */
import { Buffer } from 'node:buffer';
import { access } from 'node:fs/promises';
import http from 'node:http';
import module from 'node:module';
import path from 'node:path';
import { setImmediate } from 'node:timers';
import { pathToFileURL } from 'node:url';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true });

/** Node 22 and later keep compiled code between sandboxes; earlier ones know nothing of it. */
if (process.argv[2]) module.enableCompileCache?.(process.argv[2]);

let current;

process.on('uncaughtException', (error) => endWith(error, 129));
process.on('unhandledRejection', (reason) => {
  const message = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  const error = named('Runtime.UnhandledPromiseRejection', message);
  if (reason instanceof Error) error.stack = reason.stack;
  endWith(error, 128);
});
process.on('beforeExit', () => current?.onEmptyEventLoop());

const handler = await loadHandler().catch(failInit);
for (;;) await serveOne(handler);

async function serveOne(handle) {
  const { headers, body } = await call('GET', 'invocation/next');
  const requestId = headers['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
  const outcome = await run(handle, JSON.parse(body), headers);
  current = undefined;
  if (outcome.error !== undefined) console.error(`Invoke Error\t${JSON.stringify(outcome.error)}`);
  const kind = outcome.error === undefined ? 'response' : 'error';
  const answer = outcome.error === undefined ? outcome.response : JSON.stringify(outcome.error);
  await call('POST', `invocation/${requestId}/${kind}`, answer);
}

/** One invocation, settled exactly once, whichever way the handler answers. */
function run(handle, event, headers) {
  return new Promise((resolve) => {
    let settled = false;
    const settle = (outcome) => {
      if (!settled) resolve(outcome);
      settled = true;
    };
    const fail = (error) => settle({ error: errorDocument(error) });
    const succeed = (value) => {
      try {
        settle({ response: JSON.stringify(value) ?? 'null' });
      } catch (error) {
        fail(named('Runtime.MarshalError', `Unable to stringify response body: ${error.message}`));
      }
    };
    let whenEmpty = () => succeed(null);
    current = {
      requestId: headers['lambda-runtime-aws-request-id'],
      fail,
      onEmptyEventLoop: () => whenEmpty(),
    };
    const done = (error, value) => (error ? fail(error) : succeed(value));
    const context = contextOf(headers, { done, succeed, fail });
    const callback = (error, value) => {
      if (error || !context.callbackWaitsForEmptyEventLoop) return done(error, value);
      whenEmpty = () => setImmediate(() => succeed(value));
    };
    try {
      const returned = handle(event, context, callback);
      if (typeof returned?.then !== 'function') return;
      whenEmpty = () =>
        fail(named('Runtime.NodeJsExit', 'The event loop is empty and the promise is not settled'));
      returned.then(succeed, fail);
    } catch (error) {
      fail(error);
    }
  });
}

function contextOf(headers, legacy) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const env = process.env;
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    ...legacy,
  };
}

/** `dir/file.export.inner`: the first dot of the last part parts the file from the export's name. */
async function loadHandler() {
  const text = process.env._HANDLER;
  const match = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(text);
  if (!match) throw named('Runtime.MalformedHandlerName', `Bad handler: ${text}`);
  const [, file, exported] = match;
  const found = await findModule(path.resolve(process.env.LAMBDA_TASK_ROOT, file));
  if (!found) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  const loaded = await load(found);
  const names = exported.split('.');
  const pick = (from) => names.reduce((value, name) => value?.[name], from);
  const handle = pick(loaded) ?? pick(loaded.default);
  if (typeof handle !== 'function')
    throw named('Runtime.HandlerNotFound', `${text} is undefined or not exported`);
  return handle;
}

async function findModule(base) {
  for (const ending of ['.js', '.mjs', '.cjs']) {
    const exists = await access(base + ending).then(
      () => true,
      () => false,
    );
    if (exists) return base + ending;
  }
  return undefined;
}

async function load(file) {
  try {
    return await import(pathToFileURL(file));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw withStack(named('Runtime.UserCodeSyntaxError', String(error)), error);
    if (error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND')
      throw withStack(named('Runtime.ImportModuleError', String(error)), error);
    throw error;
  }
}

async function failInit(error) {
  const document = errorDocument(error);
  console.error(`Init Error\t${JSON.stringify(document)}`);
  await call('POST', 'init/error', JSON.stringify(document));
  process.exit(1);
}

/** An error nobody caught ends the process; the invocation it fell into, if any, is told first. */
async function endWith(error, exitCode) {
  const document = errorDocument(error);
  console.error(`Uncaught\t${JSON.stringify(document)}`);
  if (current)
    await call('POST', `invocation/${current.requestId}/error`, JSON.stringify(document));
  process.exit(exitCode);
}

function errorDocument(error) {
  if (error === null || typeof error !== 'object' || !('message' in error))
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return {
    errorType: String(error.name ?? 'Error'),
    errorMessage: String(error.message),
    trace: String(error.stack ?? '').split('\n'),
  };
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}

function withStack(error, cause) {
  return Object.assign(error, { stack: cause.stack });
}

/** @returns headers and text of the answer; without a Runtime API there is nothing left to live for. */
function call(method, resource, body) {
  return new Promise((resolve) => {
    const request = http.request(
      { host, port, agent, method, path: `/2018-06-01/runtime/${resource}` },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
        response.on('error', () => process.exit(1));
      },
    );
    request.on('error', () => process.exit(1));
    request.end(body);
  });
}
