import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { FunctionFixtures, isAlive, until } from './function-fixtures.js';
import type { Functions } from './functions.js';

jest.setTimeout(60_000);
const fixtures = new FunctionFixtures();
afterAll(() => fixtures.remove());

const sleeper = (name: string, ms: number, overrides = {}) =>
  fixtures.node(
    name,
    `let busy = 0;
     export const handler = async () => {
       if (++busy > 1) throw new Error('two at once');
       await new Promise((resolve) => setTimeout(resolve, ${ms}));
       busy--;
       return process.pid;
     };`,
    overrides,
  );
const times = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('the sandboxes of a function', () => {
  it('take one event at a time and answer all, each its own', async () => {
    const echo = fixtures.node('echo', 'export const handler = async (event) => event;');
    const functions = await fixtures.start([echo]);
    const answers = await Promise.all(times(300).map((n) => functions.invoke('echo', String(n))));
    expect(answers.map((answer) => Number(answer.payload))).toEqual(times(300));
    expect(new Set(answers.map((answer) => answer.requestId)).size).toBe(300);
  });

  it('are used warm, the one that became free last first', async () => {
    const functions = await fixtures.start([sleeper('warm', 1)]);
    await Promise.all([1, 2].map(() => functions.invoke('warm', '{}')));
    const pids = [];
    for (let n = 0; n < 5; n++) {
      await until(() => functions.stats().functions[0]?.idle === 2);
      pids.push((await functions.invoke('warm', '{}')).payload);
    }
    expect(new Set(pids).size).toBe(1);
    await functions.stop();
  });

  it('do not multiply for a caller that calls again as soon as it has its answer', async () => {
    const functions = await fixtures.start([sleeper('again', 1)]);
    for (let n = 0; n < 50; n++) await functions.invoke('again', '{}');
    expect(functions.stats().functions[0]?.sandboxesStarted).toBe(1);
    await functions.stop();
  });

  it('multiply while events wait and the machine idles, up to the reserved concurrency', async () => {
    const functions = await fixtures.start([sleeper('reserved', 400, { reservedConcurrency: 4 })]);
    const results = await Promise.all(times(24).map(() => functions.invoke('reserved', '{}')));
    expect(results.map((result) => result.functionError)).toEqual(Array(24).fill(undefined));
    const processes = new Set(results.map((result) => result.payload));
    expect(processes.size).toBeGreaterThan(2);
    expect(processes.size).toBeLessThanOrEqual(4);
    await functions.stop();
  });

  it('do not multiply for work that ends faster than a process starts', async () => {
    const busy = fixtures.node(
      'busy',
      'export const handler = async () => { const end = Date.now() + 2; while (Date.now() < end); };',
    );
    const functions = await fixtures.start([busy]);
    await Promise.all(times(400).map(() => functions.invoke('busy', '{}')));
    expect(functions.stats().functions[0]?.sandboxesStarted).toBeLessThan(10);
    await functions.stop();
  });

  it('are ended down to the number of cores when they idle', async () => {
    const functions = await fixtures.start([sleeper('surplus', 300)], { idleMs: 50 });
    const results = await Promise.all(times(16).map(() => functions.invoke('surplus', '{}')));
    const pids = [...new Set(results.map((result) => Number(result.payload)))];
    expect(pids.length).toBeGreaterThan(2);
    const counts = () => functions.stats().functions[0];
    await until(() => pids.filter(isAlive).length <= 2 && counts()?.idle === 2);
    expect(counts()).toMatchObject({ idle: 2, running: 0, booting: 0, waiting: 0 });
    await functions.stop();
  });

  it('replace one that was killed from outside while it idled', async () => {
    const functions = await fixtures.start([sleeper('killed', 1)]);
    const pid = Number((await functions.invoke('killed', '{}')).payload);
    const idle = () => functions.stats().functions[0]?.idle;
    await until(() => idle() === 1);
    process.kill(pid, 'SIGKILL');
    await until(() => idle() === 0);
    const next = await functions.invoke('killed', '{}');
    expect(next.functionError).toBeUndefined();
    expect(Number(next.payload)).not.toBe(pid);
  });
});

describe('a function with reserved concurrency', () => {
  /** Ends when as many run at once as the event says; until then it notes that it runs. */
  const meeting = (name: string, overrides = {}) =>
    fixtures.node(
      name,
      `import { readdirSync, writeFileSync } from 'node:fs';
       export const handler = async ({ folder, count }) => {
         writeFileSync(folder + '/' + process.pid, '');
         while (readdirSync(folder).length < count) await new Promise((r) => setTimeout(r, 10));
         return 'met';
       };`,
      { timeoutSeconds: 60, ...overrides },
    );
  const folderFor = (name: string, count: number) => {
    const folder = join(fixtures.root, `meeting-${name}`);
    mkdirSync(folder);
    return { folder, payload: JSON.stringify({ folder, count }) };
  };

  /** No sandbox was started for longer than a pool ever waits before it starts one. */
  const grownUp = (functions: Functions) => {
    let [started, since] = [0, performance.now()];
    return () => {
      const now = functions.stats().functions.reduce((sum, one) => sum + one.sandboxesStarted, 0);
      if (now !== started) [started, since] = [now, performance.now()];
      return started > 0 && performance.now() - since > 1_500;
    };
  };

  it('gets all of it while another function has taken every turn that is shared', async () => {
    const crowd = meeting('crowd');
    const own = meeting('own', { reservedConcurrency: 3 });
    const functions = await fixtures.start([crowd, own], { cores: 1, maxSandboxes: 6 });
    const endless = folderFor('crowd', 1_000);
    const crowding = times(20).map(() =>
      functions.invoke('crowd', endless.payload).catch(() => {}),
    );
    await until(grownUp(functions));
    expect(readdirSync(endless.folder)).toHaveLength(3);
    const { payload } = folderFor('own', 3);
    const results = await Promise.all(times(3).map(() => functions.invoke('own', payload)));
    expect(results.map((result) => result.payload)).toEqual(Array(3).fill('"met"'));
    await functions.stop();
    await Promise.all(crowding);
  });
});

describe('a function that waits for itself', () => {
  it('gets a sandbox above its bound, because its caller keeps one until then', async () => {
    const nested = fixtures.node(
      'nested',
      `import { get } from 'node:http';
       const call = (depth) => new Promise((resolve, reject) => {
         const headers = { 'X-Amzn-Trace-Id': process.env._X_AMZN_TRACE_ID };
         get(process.env.LAMBDA + '/' + depth, { headers }, (answer) => {
           let text = '';
           answer.on('data', (chunk) => text += chunk).on('end', () => resolve(Number(text)));
         }).on('error', reject);
       });
       export const handler = async ({ depth }) => depth === 0 ? 0 : 1 + await call(depth - 1);`,
      { reservedConcurrency: 1 },
    );
    const server = createServer((request, response) => {
      const payload = JSON.stringify({ depth: Number(request.url?.slice(1)) });
      const traceHeader = String(request.headers['x-amzn-trace-id']);
      void functions
        .invoke('nested', payload, { traceHeader })
        .then((result) => response.end(result.payload));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const functions = await fixtures.start([nested], {
      environment: () => ({ LAMBDA: `http://127.0.0.1:${port}` }),
    });
    const results = await Promise.all(
      [3, 3, 0, 2].map((depth) => functions.invoke('nested', JSON.stringify({ depth }))),
    );
    expect(results.map((result) => Number(result.payload))).toEqual([3, 3, 0, 2]);
    server.close();
  });
});

describe('stopping', () => {
  const pidOf = (name: string) => join(fixtures.root, `${name}.pid`);
  const told = (name: string, ms: number) =>
    fixtures.node(
      name,
      `import { writeFileSync } from 'node:fs';
       export const handler = async (file) => {
         writeFileSync(file, String(process.pid));
         await new Promise((resolve) => setTimeout(resolve, ${ms}));
         return 'done';
       };`,
    );

  it('lets what runs end within the drain, and what waits behind it too', async () => {
    const functions = await fixtures.start([told('ending', 200)], { drainMs: 20_000, cores: 1 });
    const running = times(3).map(() => functions.invoke('ending', JSON.stringify(pidOf('ending'))));
    await functions.stop();
    for (const result of await Promise.all(running)) expect(result.payload).toBe('"done"');
  });

  it('kills what does not end in time; its caller is told that it was stopped', async () => {
    const functions = await fixtures.start([told('endless', 60_000)], { drainMs: 50 });
    const file = pidOf('endless');
    const running = functions.invoke('endless', JSON.stringify(file));
    const refused = expect(running).rejects.toThrow('The runtime stops');
    await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
    await functions.stop();
    await refused;
    expect(isAlive(Number(readFileSync(file, 'utf8')))).toBe(false);
    await expect(functions.invoke('endless', '""')).rejects.toThrow('stopped');
    await expect(functions.invokeAsync('endless', '""')).rejects.toThrow('stopped');
  });

  it('is harmless twice, and removes the copies of the code', async () => {
    const functions = await fixtures.start([
      fixtures.node('where', 'export const handler = async () => process.cwd();'),
    ]);
    const { payload } = await functions.invoke('where', '{}');
    await Promise.all([functions.stop(), functions.stop()]);
    await functions.stop();
    expect(existsSync(JSON.parse(payload) as string)).toBe(false);
  });
});
