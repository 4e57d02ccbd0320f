/** The world around the command. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { tsImport } from 'tsx/esm/api';

export interface Terminal {
  /** One line. */
  out(line: string): void;
  err(line: string): void;
  /** Writes text as it is: control sequences of a live view. */
  raw(text: string): void;
  /** Undefined where there is no person to look: lines are plain then. */
  readonly size: { readonly columns: number; readonly rows: number } | undefined;
  /** Asks a person, who may answer nothing; undefined where there is nobody. @throws when interrupted */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

/** Where on AWS, or at which local endpoint, the clients of the SDK call. */
export interface AwsPlace {
  readonly region?: string;
  readonly endpoint?: string;
}

export interface System {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The data directory of `npm start`, where none is named. */
  readonly dataDirectory: string;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  now(): number;
  /** Milliseconds. @throws when interrupted */
  sleep(milliseconds: number): Promise<void>;
  newId(): string;
  isRunning(pid: number): boolean;
  /** @throws as `readFileSync` */
  readFile(path: string): string;
  /** What a module, in TypeScript too, exports. @throws what it throws */
  loadModule(path: string): Promise<object>;
  lambda(place: AwsPlace): LambdaClient;
  cloudFormation(place: AwsPlace): CloudFormationClient;
  sqs(place: AwsPlace): SQSClient;
  streams(place: AwsPlace): DynamoDBStreamsClient;
}

/** Milliseconds; above the timeout of every task, which answers at most after 14 minutes. */
const LONGEST_INVOCATION = 15 * 60 * 1000;
/** The local endpoint knows its callers by their key: this one is a person on this machine, who may do everything. */
const LOCAL_OPERATOR = { accessKeyId: 'AKIALOCALOPERATOR000', secretAccessKey: 'local' };

const withLocalKeys = ({ region, endpoint }: AwsPlace) => ({
  region,
  ...(endpoint !== undefined && { endpoint, credentials: LOCAL_OPERATOR }),
});

export function realSystem(): System {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupted.abort());
  // `orchestra list | head` closes the pipe before everything is written, and is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : 1),
  );
  return {
    terminal: realTerminal(interrupted),
    env: process.env,
    dataDirectory: fileURLToPath(new URL('../../../.orchestra/', import.meta.url)),
    interrupted: interrupted.signal,
    now: Date.now,
    sleep: async (milliseconds) => pause(milliseconds, undefined, { signal: interrupted.signal }),
    newId: randomUUID,
    isRunning,
    readFile: (path) => readFileSync(path, 'utf8'),
    loadModule: async (path) => tsImport(pathToFileURL(path).href, import.meta.url),
    // A task is invoked once: a second try would run it twice.
    lambda: (place) =>
      new LambdaClient({
        ...withLocalKeys(place),
        maxAttempts: 1,
        requestHandler: { connectionTimeout: 5_000, requestTimeout: LONGEST_INVOCATION },
      }),
    cloudFormation: (place) => new CloudFormationClient(withLocalKeys(place)),
    sqs: (place) => new SQSClient(withLocalKeys(place)),
    streams: (place) => new DynamoDBStreamsClient(withLocalKeys(place)),
  };
}

function realTerminal(interrupted: AbortController): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    raw: (text) => stdout.write(text),
    get size() {
      return stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : undefined;
    },
    ask: stdin.isTTY && stderr.isTTY ? (question) => askThere(question, interrupted) : undefined,
  };
}

/** The answers of a program stay alone on its standard output. */
async function askThere(question: string, interrupted: AbortController): Promise<string> {
  const { stdin, stderr } = process;
  const lines = createInterface({ input: stdin, output: stderr });
  // Who reads keys gets Ctrl-C as one of them: no signal comes.
  lines.once('SIGINT', () => interrupted.abort());
  const closed = once(lines, 'close').then(() => '');
  const answer = lines.question(question, { signal: interrupted.signal });
  try {
    return await Promise.race([answer, closed]);
  } catch (error) {
    if (interrupted.signal.aborted) throw error;
    // Ctrl-D: nothing more will be said.
    stderr.write('\n');
    return '';
  } finally {
    lines.close();
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
