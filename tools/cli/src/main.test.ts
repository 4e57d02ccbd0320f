import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Installation, workflowIn } from './testing/installation.js';

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
