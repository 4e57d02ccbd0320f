/**
 * A runtime under faults, seen from the process that tries it: started, asked, and started again on the same data each time
 * it was killed, as whoever runs it would. An end nobody asked for is a failure of its own.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Stoppable } from '../runtime.js';
import {
  eventSchema,
  metricsSchema,
  type Addresses,
  type Request,
  type Settings,
  type Shot,
  type SoakEvent,
} from './protocol.js';

/** The runtime is not there to answer; it will be again. */
export class RuntimeGoneError extends Error {
  override readonly name = 'RuntimeGoneError';
}

/** It ended, or could not go on, for no reason of ours. */
export class RuntimeFailedError extends Error {
  override readonly name = 'RuntimeFailedError';
}

export interface RuntimeListener {
  readonly onFault: (fault: string) => void;
  readonly onFired: (shot: Shot, hit: number) => void;
  readonly onNotice: (text: string) => void;
}

type Unnumbered<Asked> = Asked extends unknown ? Omit<Asked, 'id'> : never;

const PROGRAM = fileURLToPath(new URL('./stack-under-fire.ts', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const READY_WITHIN_MS = 60_000;
const LAST_WORDS = 4_000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class SupervisedRuntime implements Stoppable {
  #child: ChildProcess | undefined;
  #addresses: Addresses | undefined;
  #up: Promise<void> = Promise.resolve();
  #isReady = false;
  /** A kill that was asked for: the end that follows is none of its own. */
  #isShot = false;
  #isStopping = false;
  #words = '';
  #nextId = 1;
  readonly #waiting = new Map<number, Waiting>();
  /** Of processes that are gone, as last heard. */
  #pastRepairs = 0;
  #lastRepairs = 0;
  #restarts = 0;

  private constructor(
    private readonly settings: Settings,
    private readonly listener: RuntimeListener,
  ) {}

  static async start(settings: Settings, listener: RuntimeListener): Promise<SupervisedRuntime> {
    const runtime = new SupervisedRuntime(settings, listener);
    runtime.#begin();
    await runtime.whenUp();
    return runtime;
  }

  /** Others after each restart. */
  get addresses(): Addresses {
    if (!this.#addresses) throw new RuntimeGoneError('it has no address');
    return this.#addresses;
  }

  /** @throws RuntimeFailedError when it will not be */
  whenUp(): Promise<void> {
    return this.#up;
  }

  /** @throws RuntimeGoneError when it dies before it answers */
  ask(request: Unnumbered<Request>): Promise<unknown> {
    const child = this.#child;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (!this.#isReady || !child?.connected) return reject(new RuntimeGoneError('it is down'));
      this.#waiting.set(id, { resolve, reject });
      child.send({ id, ...request }, (error) => error && this.#refuse(id, error));
    });
  }

  /** How often a sweep has repaired something, as far as was heard of it. */
  async repairs(): Promise<number> {
    const metrics = metricsSchema.parse(await this.ask({ ask: 'metrics' }));
    this.#lastRepairs = metrics['SweeperRepairs'] ?? 0;
    return this.#pastRepairs + this.#lastRepairs;
  }

  /** SIGKILL, and a new one on the same data. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || hasEnded(child)) return this.whenUp();
    this.#dying();
    child.kill('SIGKILL');
    await this.whenUp();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (!child || hasEnded(child)) return;
    const exited = once(child, 'exit');
    const hard = setTimeout(() => child.kill('SIGKILL'), 15_000);
    // What does not hear it is ended all the same.
    await this.ask({ ask: 'stop' }).catch(() => child.kill('SIGKILL'));
    await exited;
    clearTimeout(hard);
  }

  #begin(): void {
    this.#up = this.#launch();
    // Whoever waits for it is told; nobody may.
    this.#up.catch(() => undefined);
  }

  async #launch(): Promise<void> {
    const child = spawn(
      process.execPath,
      [
        ...['--conditions=@orchestra/source', '--import', 'tsx'],
        ...[PROGRAM, JSON.stringify(this.#settingsNow())],
      ],
      { cwd: PACKAGE, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    );
    this.#child = child;
    this.#words = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-LAST_WORDS);
    });
    child.once('exit', (code, signal) => this.#ended(signal ?? `exit code ${code}`));
    const ready = new Promise<void>((resolve, reject) => {
      const give = (reason: string) => reject(new RuntimeFailedError(reason));
      const late = setTimeout(
        () => give(`it was not ready in time: ${this.#words}`),
        READY_WITHIN_MS,
      );
      child.once('exit', () => give(`it ended before it was ready: ${this.#words}`));
      child.on('message', (message) => this.#heard(eventSchema.parse(message), resolve));
      child.once('message', () => clearTimeout(late));
      child.once('exit', () => clearTimeout(late));
    });
    await ready;
  }

  /** Each process has faults of its own, which the first seed tells all the same. */
  #settingsNow(): Settings {
    const { faults } = this.settings;
    return { ...this.settings, faults: { ...faults, seed: faults.seed + this.#restarts } };
  }

  #heard(event: SoakEvent, ready: () => void): void {
    switch (event.kind) {
      case 'ready':
        this.#addresses = event.addresses;
        this.#isReady = true;
        return ready();
      case 'answer':
        this.#waiting.get(event.id)?.resolve(event.value);
        return void this.#waiting.delete(event.id);
      case 'refused':
        return this.#refuse(event.id, new Error(event.reason));
      case 'fired':
        if (event.shot.victim === 'runtime') this.#dying();
        return this.listener.onFired(event.shot, event.hit);
      case 'fault':
        return this.listener.onFault(event.fault);
      case 'notice':
        return this.listener.onNotice(event.text);
      case 'failed':
        this.#fail(event.reason);
    }
  }

  /** From now on until the next one is ready there is none. */
  #dying(): void {
    const child = this.#child;
    if (!child) return;
    this.#isShot = true;
    this.#isReady = false;
    // Those that hear of the end before are told when to come back, too.
    this.#up = once(child, 'exit').then(() => this.#up);
    this.#up.catch(() => undefined);
  }

  #refuse(id: number, error: Error): void {
    this.#waiting.get(id)?.reject(error);
    this.#waiting.delete(id);
  }

  #ended(how: string): void {
    for (const id of [...this.#waiting.keys()]) this.#refuse(id, new RuntimeGoneError('it died'));
    this.#isReady = false;
    this.#pastRepairs += this.#lastRepairs;
    this.#lastRepairs = 0;
    if (this.#isStopping) return;
    if (!this.#isShot) return this.#fail(`it ended by itself (${how}): ${this.#words}`);
    this.#isShot = false;
    this.#restarts += 1;
    this.#begin();
  }

  #fail(reason: string): void {
    this.#up = Promise.reject(new RuntimeFailedError(reason));
    this.#up.catch(() => undefined);
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) =>
  exitCode !== null || signalCode !== null;
