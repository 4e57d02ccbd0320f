import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionModel } from '../model.js';
import { FunctionFixtures, isAlive, until } from './function-fixtures.js';

jest.setTimeout(30_000);
const fixtures = new FunctionFixtures();
afterAll(() => fixtures.remove());

/** A handler that runs `body` the first time (`event.how`), and answers its process id otherwise. */
const node = (name: string, body: string, overrides = {}) =>
  fixtures.node(
    name,
    `import { execSync, spawn } from 'node:child_process';
     import { writeFileSync } from 'node:fs';
     export const handler = async (event) => {
       if (!event.pidFile) return process.pid;
       writeFileSync(event.pidFile, String(process.pid));
       ${body}
     };`,
    { timeoutSeconds: 1, memoryMb: 128, ...overrides },
  );

const python = (name: string, body: string, overrides = {}) =>
  fixtures.python(
    name,
    `import os, subprocess, sys, time
def handler(event, context):
  if "pidFile" not in event: return os.getpid()
  with open(event["pidFile"], "w") as file: file.write(str(os.getpid()))
  ${body}`,
    { timeoutSeconds: 1, memoryMb: 128, ...overrides },
  );

const pidFile = (name: string) => join(fixtures.root, `${name}.pid`);
const pidIn = (file: string) => Number(readFileSync(file, 'utf8'));

describe('a function that', () => {
  const slow = { timeoutSeconds: 15 };
  const cases: readonly (readonly [FunctionModel, string])[] = [
    [node('sleeps', 'await new Promise((r) => setTimeout(r, 60_000));'), 'Sandbox.Timedout'],
    [node('spins', 'for (;;);'), 'Sandbox.Timedout'],
    [node('blocks in a child', "execSync('sleep 60');"), 'Sandbox.Timedout'],
    [node('ignores signals', "process.on('SIGTERM', () => {}); for (;;);"), 'Sandbox.Timedout'],
    [node('exits', 'process.exit(3);', slow), 'Runtime.ExitError'],
    [node('exits as if well', 'process.exit(0);', slow), 'Runtime.ExitError'],
    [node('kills itself', "process.kill(process.pid, 'SIGKILL');", slow), 'Runtime.ExitError'],
    [node('aborts', 'process.abort();', slow), 'Runtime.ExitError'],
    [
      node(
        'fills its heap',
        "const a = []; for (;;) a.push({ n: a.length, t: 'x' + a.length });",
        slow,
      ),
      'Runtime.OutOfMemory',
    ],
    [
      node(
        'fills its buffers',
        'globalThis.b = Buffer.alloc(400_000_000, 1); await new Promise((r) => setTimeout(r, 60_000));',
        slow,
      ),
      'Runtime.OutOfMemory',
    ],
    [python('sleeps in Python', 'time.sleep(60)'), 'Sandbox.Timedout'],
    [python('blocks in a child of Python', 'subprocess.run(["sleep", "60"])'), 'Sandbox.Timedout'],
    [python('exits Python', 'sys.exit(3)', slow), 'Runtime.ExitError'],
    [
      python('fills Python', 'x = bytearray(400_000_000); time.sleep(60)', slow),
      'Runtime.OutOfMemory',
    ],
  ];

  it.each(cases.map(([fn, type]) => ({ name: fn.name, fn, type })))(
    '$name ends with $type, its process is gone, the next event runs',
    async ({ fn, type }) => {
      const functions = await fixtures.start([fn]);
      const file = pidFile(fn.name);
      const result = await functions.invoke(fn.name, JSON.stringify({ pidFile: file }));
      expect(result.functionError).toBe('Unhandled');
      const document = JSON.parse(result.payload) as Record<string, string>;
      expect(document).toMatchObject({ errorType: type });
      expect(document['errorMessage']).toContain(result.requestId);
      expect(isAlive(pidIn(file))).toBe(false);
      const next = await functions.invoke(fn.name, '{}');
      expect(Number(next.payload)).toBeGreaterThan(0);
      await functions.stop();
      expect(isAlive(Number(next.payload))).toBe(false);
    },
  );

  it('times out says so with its seconds, also in its log', async () => {
    const functions = await fixtures.start([node('late', 'for (;;);')]);
    const { payload, requestId } = await functions.invoke(
      'late',
      JSON.stringify({ pidFile: pidFile('late') }),
    );
    const message = `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`;
    expect(JSON.parse(payload)).toEqual({ errorType: 'Sandbox.Timedout', errorMessage: message });
    expect(fixtures.lines).toContainEqual(expect.objectContaining({ requestId, text: message }));
  });

  it('fills its heap leaves no dump of the heap in the log', () => {
    const lines = fixtures.lines.filter((line) => line.functionName === 'fills its heap');
    expect(lines.map((line) => line.text)).toEqual([expect.stringContaining('128 MB of memory')]);
  });
});

describe('what a function leaves behind', () => {
  const leaving = (name: string, then: string) =>
    node(name, `const c = spawn('sleep', ['60'], { stdio: 'inherit' }); ${then}`, {
      timeoutSeconds: 2,
    });
  const child = 'writeFileSync(event.pidFile, String(c.pid));';

  it.each(
    [
      leaving('a child at the timeout', `${child} for (;;);`),
      leaving('a child at the exit', `${child} process.exit(1);`),
      leaving('a child at an answer, when the runtime stops', `${child} return 1;`),
    ].map((fn) => ({ name: fn.name, fn })),
  )('is gone with it: $name', async ({ fn }) => {
    const functions = await fixtures.start([fn]);
    const file = pidFile(fn.name);
    await functions.invoke(fn.name, JSON.stringify({ pidFile: file }));
    await functions.stop();
    const pid = pidIn(file);
    await until(() => !isAlive(pid));
  });

  it('stands still between two events, as on Lambda', async () => {
    const ticking = fixtures.node(
      'ticking',
      `let ticks = 0; setInterval(() => ticks++, 1);
       export const handler = async () => ticks;`,
    );
    const functions = await fixtures.start([ticking]);
    const first = Number((await functions.invoke('ticking', '{}')).payload);
    const began = performance.now();
    await until(() => performance.now() - began > 300);
    const second = Number((await functions.invoke('ticking', '{}')).payload);
    expect(second - first).toBeLessThan(50);
  });
});

describe('a runtime that dies by SIGKILL', () => {
  /** A host of its own, because this test cannot kill itself. It prints the process id of its frozen sandbox. */
  const host = `
    const { createFunctions } = await import(process.env.FUNCTIONS);
    const { openQueueStore } = await import(process.env.QUEUES);
    const { functions, pidFile, dataDirectory } = JSON.parse(process.env.WORK);
    const running = await createFunctions({ functions, dataDirectory, environment: () => ({}), onLog: () => {},
      queueStore: await openQueueStore(dataDirectory), searchPath: '/usr/bin:/bin' });
    void running.invoke('spinning on', JSON.stringify({ pidFile }));
    console.log((await running.invoke('frozen', '{}')).payload);
    setInterval(() => {}, 1000);`;

  it('leaves no sandbox, neither a frozen nor a running one, and no copy of the code', async () => {
    const tempDirectory = join(fixtures.root, 'temp');
    mkdirSync(tempDirectory);
    const copies = () => readdirSync(tempDirectory).filter((name) => name.startsWith('orchestra'));
    const file = pidFile('spinning');
    const work = {
      functions: [node('frozen', ''), node('spinning on', 'for (;;);', { timeoutSeconds: 60 })],
      pidFile: file,
      dataDirectory: join(fixtures.root, 'data-of-host'),
    };
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', host], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: join(__dirname, '../..'),
      env: {
        PATH: process.env['PATH'],
        TMPDIR: tempDirectory,
        FUNCTIONS: join(__dirname, 'functions.ts'),
        QUEUES: join(__dirname, '../queues/queue-store.ts'),
        WORK: JSON.stringify(work),
      },
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
    const pids = () => [Number(output), pidIn(file)];
    try {
      await until(() => output.includes('\n') && existsSync(file), 40_000);
      expect(pids().map(isAlive)).toEqual([true, true]);
      expect(copies()).toHaveLength(1);
    } finally {
      child.kill('SIGKILL');
    }
    await until(() => !pids().some(isAlive) && copies().length === 0);
  }, 60_000);
});
