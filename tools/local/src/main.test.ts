import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, isRunning, processIdentitySchema } from './emulator/process-identity.js';
import { waitUntil } from './emulator/wait-until.js';
import { smallProduct } from './stack.fixture.js';
import type { AssemblyFixture } from './template/assembly-fixture.js';

const PROGRAM = join(__dirname, '../bin/local.mjs');

let assembly: AssemblyFixture;
let dataDirectory: string;
const commands: ChildProcess[] = [];

interface Command {
  readonly child: ChildProcess;
  output(): { readonly out: string; readonly err: string };
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

function local(args: readonly string[], environment: Record<string, string> = {}): Command {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, ...environment },
  });
  commands.push(child);
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | string);
  return { child, ended, output: () => ({ ...said }) };
}

const here = () => ['--assembly', assembly.directory, '--data-dir', dataDirectory];

/** A stack that has said where it is. */
async function started(...args: string[]): Promise<Command> {
  const command = local(['start', ...here(), '--api-port', '0', '--dashboard-port=0', ...args]);
  const isUp = () => /^API .*$/m.test(command.output().out) || command.child.exitCode !== null;
  await waitUntil(isUp, { withinMs: 20_000, everyMs: 20 });
  return command;
}

const engineOf = (directory: string) =>
  processIdentitySchema.parse(JSON.parse(readFileSync(join(directory, 'engine.json'), 'utf8')));

async function takenPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, free: () => server.close() };
}

jest.setTimeout(40_000);

beforeAll(() => {
  assembly = smallProduct();
});

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'local-test-'));
});

afterEach(async () => {
  const open = commands
    .splice(0)
    .filter(({ exitCode, signalCode }) => (exitCode ?? signalCode) === null);
  await Promise.all(open.map((child) => (child.kill('SIGTERM'), once(child, 'exit'))));
  rmSync(dataDirectory, { recursive: true, force: true });
});

afterAll(() => assembly.remove());

describe('local start', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'says where it is, and at %s stops cleanly and leaves nothing',
    async (signal) => {
      const command = await started();
      const { out, err } = command.output();
      expect(out).toMatch(
        /^Here: schedules fire every 1 s\nDashboard http:\/\/localhost:\d+\/\nAPI http:\/\/localhost:\d+\/prod\/\n$/,
      );
      expect(err).not.toContain('Error');
      const engine = engineOf(dataDirectory);
      command.child.kill(signal);
      expect(await command.ended).toBe(0);
      expect(isRunning(engine)).toBe(false);
      expect(existsSync(join(dataDirectory, 'local.json'))).toBe(false);
    },
  );

  it('sets the variables it is given', async () => {
    const { output } = await started('--env', 'GREETING=moin', '--schedule-every', '30');
    const { out } = output();
    expect(out).toContain('Here: schedules fire every 30 s, GREETING=moin\n');
    const api = /^API (.*)$/m.exec(out)?.[1];
    expect(await (await fetch(`${api}greeting`)).text()).toBe('moin');
  });

  it('says in one line that a port is in use, and leaves nothing', async () => {
    const { port, free } = await takenPort();
    const command = local(['start', ...here(), '--dashboard-port', '0'], {
      ORCHESTRA_API_PORT: String(port),
    });
    expect(await command.ended).toBe(1);
    expect(command.output()).toEqual({
      out: '',
      err: `port ${port} for the API is in use: stop what holds it, or choose another with --api-port (0 takes any free one)\n`,
    });
    expect(existsSync(join(dataDirectory, 'stack.lock'))).toBe(false);
    expect(existsSync(join(dataDirectory, 'engine.json'))).toBe(false);
    free();
  });

  it('says in one line that the data is in use', async () => {
    const { child } = await started();
    const second = local(['start', ...here(), '--api-port=0', '--dashboard-port=0']);
    expect(await second.ended).toBe(1);
    expect(second.output().err).toBe(
      `${dataDirectory} is in use by another local stack (process ${child.pid}): stop that one, or choose another folder with --data-dir\n`,
    );
  });

  it.each([
    [['--api-port', 'many'], "'many' is invalid. It must be a whole number from 0 to 65535."],
    [['--env', 'GREETING'], "'GREETING' is invalid. It must look like NAME=VALUE."],
    [['--schedule-every', '0'], "'0' is invalid. It must be a number of seconds above 0"],
  ])('refuses %j in one line', async (args, words) => {
    const command = local(['start', ...here(), ...args]);
    expect(await command.ended).toBe(1);
    expect(command.output().err).toContain(words);
    expect(command.output().err.trim().split('\n')).toHaveLength(1);
  });

  it('takes its engine with it when it is killed, and the next start goes on', async () => {
    const command = await started();
    const engine = engineOf(dataDirectory);
    command.child.kill('SIGKILL');
    expect(await command.ended).toBe('SIGKILL');
    expect(await waitUntil(() => !isRunning(engine), { withinMs: 5_000, everyMs: 20 })).toBe(true);
    expect((await started()).output().out).toContain('API ');
  });
});

describe('local invoke', () => {
  it('runs a function alone: its result on standard output', async () => {
    const event = join(dataDirectory, 'event.json');
    writeFileSync(event, JSON.stringify({ httpMethod: 'PUT', path: '/x' }));
    const command = local(['invoke', 'Small-Api', ...here(), `--event=${event}`]);
    expect(await command.ended).toBe(0);
    const { out, err } = command.output();
    expect(JSON.parse(out)).toEqual({ statusCode: 200, body: '{"pk":{"S":"/x"}}' });
    expect(err).toContain('asked for /x');
  });

  it('fails when the function does: its error on standard output, its log on the other', async () => {
    const command = local(['invoke', 'Small-Failing', ...here()]);
    expect(await command.ended).toBe(1);
    const { out, err } = command.output();
    expect(JSON.parse(out)).toMatchObject({ errorType: 'Error', errorMessage: 'no luck' });
    expect(err).toContain('about to fail');
  });

  it('uses the stack that runs in the data directory', async () => {
    const stack = await started();
    const engine = engineOf(dataDirectory);
    const api = /^API (.*)$/m.exec(stack.output().out)?.[1];
    await fetch(`${api}x`, { method: 'PUT' });
    const event = join(dataDirectory, 'event.json');
    writeFileSync(event, JSON.stringify({ httpMethod: 'GET', path: '/x' }));
    const command = local(['invoke', 'Small-Api', ...here(), '--event', event]);
    expect(await command.ended).toBe(0);
    const { out, err } = command.output();
    expect(JSON.parse(out)).toMatchObject({ statusCode: 200 });
    expect(err).toMatch(/asked for \/x\n$/);
    expect(engineOf(dataDirectory)).toEqual(engine);
    expect(isRunning(identityOf(stack.child.pid as number))).toBe(true);
  });

  it('names the functions there are when it knows none of that name', async () => {
    const command = local(['invoke', 'nobody', ...here()]);
    expect(await command.ended).toBe(1);
    expect(command.output().err).toContain(
      'name one of Small-Api, Small-Follower, Small-Clock, Small-Failing\n',
    );
  });

  it('refuses an event that is no JSON, in one line', async () => {
    const event = join(dataDirectory, 'event.json');
    writeFileSync(event, '{"a":');
    const command = local(['invoke', 'Small-Api', ...here(), `--event=${event}`]);
    expect(await command.ended).toBe(1);
    expect(command.output().err).toMatch(/^the event in .*event\.json is no JSON: [^\n]*\n$/);
  });
});
