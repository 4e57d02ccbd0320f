/**
 * One engine program on one database file. Owns its process: started on a free port, started again on the same port when it
 * ends by itself (at most so many times in `RESTART_WINDOW_MS`), and gone when `stop` returns.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stoppable } from '../runtime.js';
import { leash } from './leash.js';
import { identityOf } from './process-identity.js';
import { waitUntil } from './wait-until.js';

export interface EngineOptions {
  readonly program: string;
  readonly file: string;
  /** Holds the identity of the running process, for whoever finds it left over. */
  readonly identityFile: string;
  /** Removed when this process dies without stopping the engine. */
  readonly ephemeralFolder?: string;
  readonly restarts?: EngineRestarts;
  readonly onNotice: (line: string) => void;
  /** The engine is gone and stays gone. */
  readonly onFailure: (error: EngineError) => void;
}

/** How an engine that ended by itself is started again. */
export interface EngineRestarts {
  /** Most of them in a minute. Default 5. */
  readonly most: number;
  /** Milliseconds that it stays away. Default 0. */
  readonly afterMs: number;
}

export interface EngineProcess extends Stoppable {
  readonly url: string;
  /** Of the process running now. */
  pid(): number | undefined;
}

export class EngineError extends Error {
  override readonly name = 'EngineError';
}

const HOST = '127.0.0.1';
const READY_WITHIN_MS = 15_000;
const PORT_TRIES = 5;
const RESTARTS: EngineRestarts = { most: 5, afterMs: 0 };
const RESTART_WINDOW_MS = 60_000;
const STOP_WITHIN_MS = 2_000;

/** @throws EngineError when it does not come up; its own words are in the message */
export async function startEngineProcess(options: EngineOptions): Promise<EngineProcess> {
  const { port, child } = await launchOnFreePort(options);
  const engine = new SupervisedEngine(options, port, child);
  return {
    url: `http://${HOST}:${port}`,
    pid: () => engine.pid(),
    stop: () => engine.stop(),
  };
}

class SupervisedEngine {
  #stopping = false;
  #restarting: Promise<void> = Promise.resolve();
  #restarts: number[] = [];

  constructor(
    private readonly options: EngineOptions,
    private readonly port: number,
    private child: ChildProcess,
  ) {
    this.#watch();
  }

  pid(): number | undefined {
    return hasEnded(this.child) ? undefined : this.child.pid;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#restarting;
    await end(this.child);
    rmSync(this.options.identityFile, { force: true });
  }

  #watch(): void {
    const ended = (code: number | null, signal: string | null) => {
      if (!this.#stopping) this.#restarting = this.#restart(signal ?? `exit code ${code}`);
    };
    // It may have ended between being ready and being watched.
    if (hasEnded(this.child)) ended(this.child.exitCode, this.child.signalCode);
    else this.child.once('exit', ended);
  }

  async #restart(reason: string): Promise<void> {
    const now = performance.now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < RESTART_WINDOW_MS), now];
    const { most, afterMs } = this.options.restarts ?? RESTARTS;
    if (this.#restarts.length > most) {
      this.options.onFailure(
        new EngineError(
          `the DynamoDB engine keeps ending (${reason}); gave up after ${most} restarts`,
        ),
      );
      return;
    }
    try {
      if (afterMs > 0) await pause(afterMs);
      this.child = await relaunch(this.options, this.port);
    } catch (error) {
      this.options.onFailure(
        new EngineError(`the DynamoDB engine ended (${reason}) and did not come back`, {
          cause: error,
        }),
      );
      return;
    }
    this.options.onNotice(`the DynamoDB engine ended (${reason}) and was started again`);
    this.#watch();
  }
}

async function launchOnFreePort(options: EngineOptions) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, child: await launch(options, port) };
    } catch (error) {
      // Between the look and the engine's bind another program may take the port.
      if (attempt === PORT_TRIES || !isPortTaken(error)) throw error;
    }
  }
}

async function relaunch(options: EngineOptions, port: number): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(options, port);
    } catch (error) {
      if (attempt === PORT_TRIES || !isPortTaken(error)) throw error;
      await pause(100);
    }
  }
}

async function launch(options: EngineOptions, port: number): Promise<ChildProcess> {
  const child = spawn(
    options.program,
    ['serve', '--host', HOST, '--port', String(port), '--db-path', options.file],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: {} },
  );
  const words = lastWords(child);
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  await Promise.race([once(child, 'spawn'), failed]).catch((error: unknown) => {
    throw new EngineError(`${options.program} does not start`, { cause: error });
  });
  leaveTraces(child, options);
  const isUp = await waitUntil(async () => hasEnded(child) || (await answers(port)), {
    withinMs: READY_WITHIN_MS,
    everyMs: 5,
  });
  if (isUp && !hasEnded(child)) return child;
  await end(child);
  throw new EngineError(`the DynamoDB engine did not start: ${words() || 'no answer'}`);
}

function leaveTraces(child: ChildProcess, options: EngineOptions): void {
  const pid = child.pid as number;
  writeFileSync(options.identityFile, JSON.stringify(identityOf(pid)));
  const watcher = leash(pid, options.ephemeralFolder);
  child.once('exit', () => watcher.drop());
}

function lastWords(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2_000);
  });
  return () => text.trim().split('\n').at(-1) ?? '';
}

function isPortTaken(error: unknown): boolean {
  return error instanceof EngineError && /in use/.test(error.message);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(hard);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: HOST, port, agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode === 200));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new EngineError('no free port');
  return address.port;
}
