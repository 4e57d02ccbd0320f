import { setPriority } from 'node:os';
import { spawn, type ChildProcess } from 'node:child_process';
import type { FunctionModel } from '../model.js';
import type { InvokeResult } from '../runtime.js';
import { failures, type FailureDocument } from './failure-document.js';
import { unhandled, type Invocation } from './invocation.js';
import { LogLines } from './log-lines.js';
import type { Reaper } from './reaper.js';
import { RuntimeApi, type Reply } from './runtime-api.js';

/**
 * One process that runs one function, one event at a time, and speaks the Runtime API.
 *
 * S1. Every event handed to `run` is settled exactly once: by the runtime's answer, or by what became of the process.
 * S2. The process leads a group of its own and dies with it: no grandchild outlives a kill, an exit or a crash.
 * S3. Between two events the group is stopped, as Lambda freezes it: a timer that was left behind does not run.
 * S4. From spawn to exit the reaper knows the group.
 */
export interface SandboxSpec {
  readonly fn: FunctionModel;
  /** The interpreter, its options and the boot file. */
  readonly command: readonly string[];
  readonly taskRoot: string;
  readonly environment: (runtimeApiAddress: string) => Record<string, string>;
  /** Resident bytes of the process above which it is killed. */
  readonly maxResidentBytes: number;
  /** 0, or more for one that gives way to others: the system's scale, up to 19. */
  readonly niceness: number;
  readonly reaper: Reaper;
}

export interface SandboxListener {
  /** The runtime asked for its first or next event: call `run` or `freeze`. */
  onReady(sandbox: Sandbox): void;
  /** The process is gone. `startFailure` is set when it never got as far as asking for an event. */
  onGone(sandbox: Sandbox, startFailure?: object): void;
  onLine(text: string, requestId?: string): void;
}

/** A sandbox and what it works on. */
export interface SandboxAtWork {
  readonly functionName: string;
  /** Also of the process group. */
  readonly pid: number;
  /** Of the event that runs; undefined while it idles. */
  readonly traceHeader?: string;
}

/** Seconds that Lambda gives a runtime to start, before the function's own timeout begins. */
const initSeconds = 10;
/** Milliseconds to wait, after a process exited, for what it had written. */
const outputGraceMs = 250;

type EndReason = 'timeout' | 'memory' | 'stopped' | 'notAnswering';

interface Running {
  readonly invocation: Invocation;
  readonly settle: (result: InvokeResult) => void;
  readonly abandon: (error: Error) => void;
}

export class SandboxStoppedError extends Error {
  override readonly name = 'SandboxStoppedError';
}

export class Sandbox {
  readonly #spec: SandboxSpec;
  readonly #listener: SandboxListener;
  readonly #lines: LogLines;
  readonly #gone: Promise<void>;
  #leave: () => void = () => undefined;
  #api: RuntimeApi | undefined;
  #child: ChildProcess | undefined;
  #running: Running | undefined;
  #requestId: string | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #started = false;
  #frozen = false;
  #endReason: EndReason | undefined;
  #initFailure: object | undefined;
  #isGone = false;

  constructor(spec: SandboxSpec, listener: SandboxListener) {
    this.#spec = spec;
    this.#listener = listener;
    this.#lines = new LogLines((text) => listener.onLine(text, this.#requestId));
    this.#gone = new Promise((resolve) => (this.#leave = resolve));
    void this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get maxResidentBytes(): number {
    return this.#spec.maxResidentBytes;
  }

  /** Has asked for an event at least once. */
  get started(): boolean {
    return this.#started;
  }

  /** An event is being worked on. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Of the event being worked on. */
  get traceHeader(): string | undefined {
    return this.#running?.invocation.traceHeader;
  }

  /**
   * Hands one event over; only after `onReady`. @throws SandboxStoppedError when `stop` came before the answer: the event
   * then counts as not tried.
   */
  run(invocation: Invocation): Promise<InvokeResult> {
    const { timeoutSeconds, arn } = this.#spec.fn;
    return new Promise((settle, abandon) => {
      this.#running = { invocation, settle, abandon };
      this.#requestId = invocation.requestId;
      this.#limit(timeoutSeconds * 1000, 'timeout');
      this.#thaw();
      const deadlineMs = Date.now() + timeoutSeconds * 1000;
      this.#api?.deliver({ ...invocation, deadlineMs, functionArn: arn });
    });
  }

  /** Stops the processes where they are, until the next `run`. */
  freeze(): void {
    this.#frozen = true;
    this.#signal('SIGSTOP');
  }

  killForMemory(): void {
    this.#end('memory');
  }

  /** Kills what runs. Resolves when the process is gone. */
  stop(): Promise<void> {
    this.#end('stopped');
    return this.#gone;
  }

  async #start(): Promise<void> {
    try {
      this.#api = await RuntimeApi.listen({
        onNext: () => this.#onNext(),
        onReply: (requestId, reply) => this.#onReply(requestId, reply),
        onInitError: (document) => (this.#initFailure = parseDocument(document)),
      });
      if (this.#endReason) this.#left();
      else this.#spawn(this.#api.address);
    } catch (error) {
      this.#initFailure = failures.notStarted(String(error));
      this.#left();
    }
  }

  /** The shell only joins the two outputs, so that their lines stay in order, and becomes the interpreter. */
  #spawn(address: string): void {
    const { command, taskRoot, environment, niceness, reaper, fn } = this.#spec;
    const child = spawn('/bin/sh', ['-c', 'exec "$@" 2>&1', 'sandbox', ...command], {
      cwd: taskRoot,
      env: environment(address),
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    if (child.pid) {
      reaper.watch(child.pid);
      giveWay(child.pid, niceness);
    }
    child.stdout.on('data', (chunk: Buffer) => this.#lines.write(chunk));
    child.once('error', (error) => (this.#initFailure = failures.notStarted(error.message)));
    child.once('exit', (code, signal) => void this.#onExit(child, code, signal));
    if (!child.pid) child.once('error', () => this.#left());
    this.#limit((initSeconds + fn.timeoutSeconds) * 1000, 'notAnswering');
  }

  #onNext(): void {
    clearTimeout(this.#deadline);
    this.#started = true;
    if (!this.#endReason) this.#listener.onReady(this);
  }

  #onReply(requestId: string, reply: Reply): void {
    const running = this.#running;
    if (running?.invocation.requestId !== requestId) return;
    this.#running = undefined;
    // What it had written lies in its pipe and is read in this turn: its lines come before its answer.
    setImmediate(() => running.settle(resultOf(requestId, reply)));
  }

  async #onExit(child: ChildProcess, code: number | null, signal: string | null): Promise<void> {
    clearTimeout(this.#deadline);
    this.#signal('SIGKILL');
    if (child.pid) this.#spec.reaper.forget(child.pid);
    await outputEnd(child);
    this.#lines.end();
    const running = this.#running;
    this.#running = undefined;
    if (running) this.#settleByExit(running, howItExited(code, signal));
    else if (!this.#started)
      this.#initFailure ??= this.#exitDocument('', howItExited(code, signal));
    this.#left();
  }

  #settleByExit({ invocation, settle, abandon }: Running, how: string): void {
    if (this.#endReason === 'stopped') return abandon(new SandboxStoppedError('The runtime stops'));
    const document = this.#exitDocument(invocation.requestId, how);
    this.#listener.onLine(document.errorMessage, invocation.requestId);
    settle(unhandled(invocation.requestId, document));
  }

  #exitDocument(requestId: string, how: string): FailureDocument {
    const { timeoutSeconds, memoryMb } = this.#spec.fn;
    if (this.#endReason === 'timeout') return failures.timedOut(requestId, timeoutSeconds);
    if (this.#endReason === 'notAnswering')
      return failures.timedOut(requestId, initSeconds + timeoutSeconds);
    if (this.#endReason === 'memory' || this.#lines.heapExhausted)
      return failures.outOfMemory(requestId, memoryMb);
    return failures.exited(requestId, how);
  }

  #left(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#api?.close();
    this.#listener.onGone(this, this.#started ? undefined : this.#initFailure);
    this.#leave();
  }

  #limit(ms: number, reason: EndReason): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#end(reason), ms);
  }

  #end(reason: EndReason): void {
    this.#endReason ??= reason;
    this.#signal('SIGKILL');
  }

  #thaw(): void {
    if (this.#frozen) this.#signal('SIGCONT');
    this.#frozen = false;
  }

  /** To the whole group (S2). A group that is gone already, or is only zombies, needs no signal. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (!pid || this.#isGone) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH' && code !== 'EPERM') throw error;
    }
  }
}

function resultOf(requestId: string, reply: Reply): InvokeResult {
  if (reply.kind === 'tooLarge') return unhandled(requestId, failures.responseTooLarge());
  const { payload } = reply;
  return reply.kind === 'error'
    ? { requestId, payload, functionError: 'Unhandled' }
    : { requestId, payload };
}

function howItExited(code: number | null, signal: string | null): string {
  if (signal) return `with error: signal: ${signal}`;
  return code ? `with error: exit status ${code}` : 'without providing a reason';
}

/** What a boot file reports; one that died while reporting leaves half a document. */
function parseDocument(text: string): object {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return failures.notStarted(text);
  }
}

/** A grandchild in a session of its own may hold the pipe for ever: the wait is bounded. */
function outputEnd(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, outputGraceMs);
    child.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Of no consequence where it fails: the process may be gone already. */
function giveWay(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // Then it has ended, or this system knows no priorities.
  }
}
