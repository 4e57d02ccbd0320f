import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, isRunning } from './emulator/process-identity.js';
import { waitUntil } from './emulator/wait-until.js';
import { readLocalFile } from './local-file.js';
import { childrenOf } from './processes.fixture.js';
import { smallProduct } from './stack.fixture.js';
import { startStack, type RunningStack, type StackOptions } from './stack.js';
import type { AssemblyFixture } from './template/assembly-fixture.js';

let assembly: AssemblyFixture;
let dataDirectory: string;
const running: RunningStack[] = [];

async function started(options: Partial<StackOptions> = {}): Promise<RunningStack> {
  const stack = await startStack({
    assemblyDirectory: assembly.directory,
    dataDirectory,
    onNotice: () => undefined,
    ...options,
  });
  running.push(stack);
  return stack;
}

const answersOf = async (stack: RunningStack, path: string, method = 'GET') => {
  const response = await fetch(`${stack.apiUrl}${path}`, { method });
  return { status: response.status, body: await response.text() };
};

const isSeen = async (stack: RunningStack, path: string) =>
  (await answersOf(stack, path)).body.includes('"seen"');

const soon = (isSo: () => Promise<boolean>) => waitUntil(isSo, { withinMs: 10_000, everyMs: 20 });

beforeAll(() => {
  assembly = smallProduct();
});

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'stack-test-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((stack) => stack.stop()));
  rmSync(dataDirectory, { recursive: true, force: true });
});

afterAll(() => assembly.remove());

describe('a running stack', () => {
  it('runs the path from a request over the table and its stream to a function', async () => {
    const stack = await started();
    expect(await answersOf(stack, 'a', 'PUT')).toMatchObject({ status: 200 });
    expect(await soon(() => isSeen(stack, 'a'))).toBe(true);
    expect(stack.meter.read().byCaller).toMatchObject({
      'Small-Api': { requests: { PutItem: 1 }, tableWriteUnits: 1 },
      'Small-Follower': { requests: { UpdateItem: 1 }, tableWriteUnits: 1 },
    });
  });

  it('serves the site', async () => {
    const stack = await started();
    const page = await fetch(stack.dashboardUrl);
    expect(await page.text()).toBe('<title>A site</title>');
  });

  it('fires schedules as often as it is told to', async () => {
    const stack = await started({ scheduleEverySeconds: 0.05 });
    expect(await soon(async () => (await answersOf(stack, 'tick')).status === 200)).toBe(true);
  });

  it('sets a variable on the functions that declare it', async () => {
    const stack = await started({ functionEnvironment: { GREETING: 'good day' } });
    expect((await answersOf(stack, 'greeting')).body).toBe('good day');
  });

  it('refuses a variable that no function declares, by its name', async () => {
    const start = started({ functionEnvironment: { GRETING: 'good day' } });
    await expect(start).rejects.toThrow(
      'no function declares GRETING; declared are GREETING, TABLE_NAME',
    );
    expect(existsSync(join(dataDirectory, 'stack.lock'))).toBe(false);
  });

  it('keeps what each function logs, and tells whoever listens', async () => {
    const stack = await started();
    const heard: string[] = [];
    stack.logs.subscribe(({ functionName, text }) => heard.push(`${functionName}: ${text}`));
    await answersOf(stack, 'b');
    await stack.stop();
    expect(heard.join()).toContain('asked for /b');
    const log = readFileSync(join(dataDirectory, 'logs', 'Small-Api.log'), 'utf8');
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-f-]{36} .*asked for \/b$/m);
  });

  it('says where it is for as long as it runs', async () => {
    const stack = await started();
    expect(readLocalFile(dataDirectory)).toMatchObject({
      apiUrl: stack.apiUrl,
      dashboardUrl: stack.dashboardUrl,
      lambdaEndpoint: stack.awsEndpointUrl,
      pid: process.pid,
    });
    await stack.stop();
    expect(existsSync(join(dataDirectory, 'local.json'))).toBe(false);
  });
});

describe('stopping a stack', () => {
  it('leaves no process, no port and no lock', async () => {
    const stack = await started();
    await answersOf(stack, 'a', 'PUT');
    const engine = identityOf(stack.emulator.pid() as number);
    const ports = [stack.apiUrl, stack.dashboardUrl, stack.awsEndpointUrl].map((url) =>
      Number(new URL(url).port),
    );
    await Promise.all([stack.stop(), stack.stop()]);
    expect(isRunning(engine)).toBe(false);
    expect(await Promise.all(ports.map(isOpen))).toEqual([false, false, false]);
    expect(childrenOf(process.pid)).toEqual([]);
    expect(existsSync(join(dataDirectory, 'stack.lock'))).toBe(false);
  });

  it('loses nothing: the next start has the data and goes on where the stream was', async () => {
    const first = await started();
    await answersOf(first, 'a', 'PUT');
    expect(await soon(() => isSeen(first, 'a'))).toBe(true);
    await first.stop();
    const second = await started();
    expect((await answersOf(second, 'a')).status).toBe(200);
    await answersOf(second, 'b', 'PUT');
    expect(await soon(() => isSeen(second, 'b'))).toBe(true);
    // What was followed before the restart is not followed again.
    expect(second.meter.read().byCaller['Small-Follower']?.requests).toEqual({ UpdateItem: 1 });
  });

  it('removes everything of an ephemeral one', async () => {
    const stack = await startStack({
      assemblyDirectory: assembly.directory,
      ephemeral: true,
      onNotice: () => undefined,
    });
    running.push(stack);
    expect(existsSync(stack.dataDirectory)).toBe(true);
    await stack.stop();
    expect(existsSync(stack.dataDirectory)).toBe(false);
  });

  it('of an ephemeral one is still found by scripts where they look, and holds the place alone', async () => {
    const place = { ephemeral: true, announceIn: dataDirectory } as const;
    const common = { assemblyDirectory: assembly.directory, onNotice: () => undefined };
    const stack = await startStack({ ...common, ...place });
    running.push(stack);
    expect(readLocalFile(dataDirectory)).toMatchObject({ apiUrl: stack.apiUrl, pid: process.pid });
    await expect(startStack({ ...common, ...place })).rejects.toThrow(/is in use by another/);
    await stack.stop();
    expect(readdirSync(dataDirectory)).toEqual([]);
  });
});

describe('a start that fails', () => {
  it('names the port that is in use and the option, and leaves nothing', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    try {
      await expect(started({ dashboardPort: port })).rejects.toThrow(
        `port ${port} for the dashboard is in use: stop what holds it, or choose another with --dashboard-port (0 takes any free one)`,
      );
    } finally {
      holder.close();
    }
    expect(childrenOf(process.pid)).toEqual([]);
    await expect(started()).resolves.toBeDefined();
  });

  it('leaves nothing where there is no assembly', async () => {
    await expect(started({ assemblyDirectory: join(dataDirectory, 'none') })).rejects.toThrow();
    expect(childrenOf(process.pid)).toEqual([]);
    await expect(started()).resolves.toBeDefined();
  });
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
