/** Starts the real local stack before the journeys and proves that it is gone after them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { requireChromium } from '../find-chromium.mjs';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** The stack is built first, as far as something changed. */
const START_MS = 180_000;
const STOP_MS = 20_000;

interface LocalStack {
  readonly apiUrl: string;
  readonly dashboardUrl: string;
  readonly pid: number;
}

/** Playwright's global setup: what it returns is the teardown. */
export default async function startLocalStack(): Promise<() => Promise<void>> {
  requireChromium();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'orchestra-e2e-'));
  const output: string[] = [];
  const child = start(dataDirectory, output);
  try {
    const stack = await ready(child, dataDirectory, output);
    process.env['ORCHESTRA_E2E_DASHBOARD'] = stack.dashboardUrl;
    process.env['ORCHESTRA_E2E_API'] = stack.apiUrl;
    return async () => {
      await stop(child, output);
      await expectGone(stack);
      await rm(dataDirectory, { recursive: true, force: true });
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function start(dataDirectory: string, output: string[]): ChildProcess {
  const ports = ['--api-port', '0', '--dashboard-port', '0'];
  // A folder of its own, which goes with it, rather than `--ephemeral`, whose folder only the stack knows.
  const child = spawn(
    process.execPath,
    ['tools/local/bin/local.mjs', 'start', ...ports, '--ephemeral', '--data-dir', dataDirectory],
    { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  return child;
}

/** `local.json` is written once all is up. */
async function ready(
  child: ChildProcess,
  dataDirectory: string,
  output: readonly string[],
): Promise<LocalStack> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const file = await readFile(join(dataDirectory, 'local.json'), 'utf8').catch(() => '');
    if (file.endsWith('}') || file.endsWith('}\n')) return JSON.parse(file) as LocalStack;
    await delay(100);
  }
  const why = child.exitCode === null ? `not up after ${START_MS} ms` : `exit ${child.exitCode}`;
  throw new Error(`The local stack did not start (${why}):\n${output.join('')}`);
}

async function stop(child: ChildProcess, output: readonly string[]): Promise<void> {
  if (child.exitCode !== null)
    throw new Error(`The local stack died during the tests:\n${output.join('')}`);
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  const stopped = await Promise.race([exited.then(() => true), delay(STOP_MS, false)]);
  if (stopped) return;
  child.kill('SIGKILL');
  throw new Error(`The local stack ignored SIGINT for ${STOP_MS} ms:\n${output.join('')}`);
}

async function expectGone({ apiUrl, dashboardUrl, pid }: LocalStack): Promise<void> {
  if (isAlive(pid)) throw new Error(`Process ${pid} of the local stack is still there`);
  for (const url of [apiUrl, dashboardUrl]) {
    const answers = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answers) throw new Error(`${url} still answers after the local stack stopped`);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
