import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../emulator/wait-until.js';
import type { FunctionModel } from '../model.js';
import type { LogLine, QueueStore } from '../runtime.js';
import { openQueueStore } from '../queues/queue-store.js';
import { createFunctions, type Functions, type FunctionsOptions } from './functions.js';

/** For tests: functions made of real files, run by the real thing, and their traces. */
export class FunctionFixtures {
  readonly root = mkdtempSync(join(tmpdir(), 'function-fixtures-'));
  readonly dataDirectory = join(this.root, 'data');
  readonly lines: LogLine[] = [];
  readonly #started: Functions[] = [];
  #queues: Promise<QueueStore> | undefined;

  /** A Node function; `source` is the text of its `index.mjs`, or of the file named. */
  node(name: string, source: string, overrides: Partial<FunctionModel> = {}, file = 'index.mjs') {
    return this.#write(name, { [file]: source }, { runtime: 'nodejs20.x', ...overrides });
  }

  python(name: string, source: string, overrides: Partial<FunctionModel> = {}) {
    return this.#write(name, { 'index.py': source }, { runtime: 'python3.11', ...overrides });
  }

  get queues(): Promise<QueueStore> {
    this.#queues ??= openQueueStore(join(this.dataDirectory, 'queues'));
    return this.#queues;
  }

  async start(
    functions: readonly FunctionModel[],
    options: Partial<FunctionsOptions> = {},
  ): Promise<Functions> {
    const started = await createFunctions({
      functions,
      environment: () => ({}),
      dataDirectory: this.dataDirectory,
      queueStore: await this.queues,
      onLog: (line) => this.lines.push(line),
      searchPath: '/usr/local/bin:/usr/bin:/bin',
      cores: 2,
      drainMs: 100,
      ...options,
    });
    this.#started.push(started);
    return started;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#started.map((functions) => functions.stop()));
    rmSync(this.root, { recursive: true, force: true });
  }

  #write(
    name: string,
    files: Record<string, string>,
    overrides: Partial<FunctionModel>,
  ): FunctionModel {
    const codeDirectory = join(this.root, 'code', name);
    mkdirSync(codeDirectory, { recursive: true });
    for (const [file, text] of Object.entries(files))
      writeFileSync(join(codeDirectory, file), text);
    return {
      logicalId: name,
      name,
      arn: `arn:aws:lambda:eu-central-1:000000000000:function:${name}`,
      runtime: '',
      handler: 'index.handler',
      codeDirectory,
      environment: {},
      timeoutSeconds: 20,
      memoryMb: 256,
      asyncRetries: 2,
      asyncMaxAgeSeconds: 21_600,
      roleName: `${name}-role`,
      statements: [],
      ...overrides,
    };
  }
}

/** Whether a process runs or could; one that is dead and only waits to be collected does not count. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z\s]/.test(stdout.trim());
}

/** @throws when `condition` does not become true within `withinMs` */
export async function until(condition: () => boolean, withinMs = 10_000): Promise<void> {
  if (!(await waitUntil(condition, { withinMs, everyMs: 5 })))
    throw new Error(`Not so within ${withinMs} ms: ${condition}`);
}
