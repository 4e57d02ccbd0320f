import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Installation, workflowIn } from './testing/installation.js';

// A process that starts from its sources takes seconds on a busy machine.
jest.setTimeout(30_000);

/** The command as a shell runs it. */
function orchestra(...args: readonly string[]) {
  const command = join(__dirname, '../bin/orchestra.mjs');
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (part) => (text.out += String(part)));
  child.stderr.on('data', (part) => (text.err += String(part)));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, ...text })),
  );
  return { child, ended };
}

let installation: Installation;
beforeEach(async () => (installation = await Installation.open()));
afterEach(() => installation.close());

describe('the orchestra command', () => {
  it('runs from its sources and hands its exit code on', async () => {
    installation.add('w-1', workflowIn('w-1', 'FAILED'));
    const { code, out, err } = await orchestra('watch', 'w-1', '--api-url', installation.apiUrl)
      .ended;
    expect([code, err]).toEqual([1, '']);
    expect(out).toContain('workflow w-1 FAILED\n');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops at %s, while the workflow goes on',
    async (signal) => {
      installation.add('w-1', workflowIn('w-1', 'RUNNING'));
      const { child, ended } = orchestra('watch', 'w-1', '--api-url', installation.apiUrl);
      child.stdout.once('data', () => child.kill(signal));
      expect(await ended).toMatchObject({ code: 130, err: '' });
    },
  );

  it('says in one line that no stack is running', async () => {
    const { code, out, err } = await orchestra('list', '--data-dir', '/nowhere').ended;
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(/^orchestra: no local stack is running [^\n]*\n$/);
  });
});

/** The command at a terminal; what is written to the child's stdin are the keys of a person. */
function atTerminal(...args: readonly string[]) {
  const command = join(__dirname, '../bin/orchestra.mjs');
  const terminal =
    'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  return spawn('python3', ['-c', terminal, process.execPath, command, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], TERM: 'xterm' },
  });
}

describe('a question at a terminal', () => {
  it.each([
    ['y', 'y\r', 0],
    ['n', 'n\r', 1],
    ['Ctrl-D', '\u0004', 1],
    ['Ctrl-C', '\u0003', 130],
  ] as const)('answered with %s ends the command as it should', async (_, keys, exitCode) => {
    installation.add('w-1', workflowIn('w-1', 'RUNNING'));
    const cancelled = { workflowId: 'w-1', status: 'CANCELLED' };
    installation.answers.set('POST /workflows/w-1/cancel', cancelled);
    const child = atTerminal('cancel', 'w-1', '--api-url', installation.apiUrl);
    let shown = '';
    child.stdout.on('data', (part) => {
      const before = shown;
      shown += String(part);
      if (!before.includes('[y/N]') && shown.includes('[y/N]')) child.stdin.write(keys);
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, shown]).toEqual([exitCode, expect.stringContaining('Cancel w-1?')]);
    expect(installation.requests).toEqual([
      'GET /prod/workflows/w-1',
      ...(exitCode === 0 ? ['POST /prod/workflows/w-1/cancel'] : []),
    ]);
  });
});
