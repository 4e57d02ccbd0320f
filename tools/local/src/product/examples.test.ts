/**
 * Every definition under docs/examples/, stored by the command line as a reader would, run on the real stack, and ended as its
 * head comment says. Lines of that: `Input:` what it is started with, `Answer:` what is said to each task that asks for one,
 * `Ends:` how it ends. Several `Ends:` are several runs, each with what stands above it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { realSystem, runCommandLine } from '@orchestra/cli';
import { createClient, type Client } from '@orchestra/api-contract';
import type { RunningStack } from '../stack.js';
import { invokeFunction } from './graphs.fixture.js';
import { isOver, startSample } from './sample-stack.fixture.js';

jest.setTimeout(240_000);

const FOLDER = join(__dirname, '../../../../docs/examples');
/** What is no definition. Each has a test of its own below. */
const OTHERS = ['start.json', 'task.json', 'schedule.json'];
const files = readdirSync(FOLDER).sort();
const examples = files.filter((file) => !OTHERS.includes(file));

interface Run {
  readonly input?: unknown;
  readonly answer?: object;
  readonly ends: string;
}

/** JSON has no comments. */
const WITHOUT_COMMENT: Readonly<Record<string, readonly Run[]>> = {
  'diamond.json': [{ input: { delayMs: 10, failAttempts: { B2: 1 } }, ends: 'SUCCESS' }],
};

/** @throws Error when it does not say how it ends */
function runsOf(file: string): readonly Run[] {
  const runs: Run[] = [...(WITHOUT_COMMENT[file] ?? [])];
  let given: Partial<Run> = {};
  for (const line of readFileSync(join(FOLDER, file), 'utf8').split('\n')) {
    const [, word, rest = ''] = /^\s*[#*]\s+(Input|Answer|Ends): (.*)$/.exec(line) ?? [];
    if (word === 'Input') given = { ...given, input: JSON.parse(rest) as unknown };
    if (word === 'Answer') given = { ...given, answer: JSON.parse(rest) as object };
    if (word !== 'Ends') continue;
    runs.push({ ...given, ends: rest.trim() });
    given = {};
  }
  if (runs.length === 0) throw new Error(`${file} does not say "Ends: ..." in its head comment`);
  return runs;
}

const cases = examples.flatMap((file) =>
  runsOf(file).map((run, index) => ({ file, run, workflowId: `${nameOf(file)}-${index}` })),
);

/** Ids have no dots. */
function nameOf(file: string): string {
  return file.replaceAll('.', '-');
}

const TERMINAL = new Set(['SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED']);

let stack: RunningStack;
let client: Client;
/** By file. */
const definitions = new Map<string, string>();

beforeAll(async () => {
  stack = await startSample();
  client = createClient({ baseUrl: stack.apiUrl });
  await pushAll(examples);
});
afterAll(() => stack.stop());

/** One that runs another comes after it: those that were refused are tried again, as long as that helps. */
async function pushAll(waiting: readonly string[]): Promise<void> {
  const refused: string[] = [];
  const reasons: string[] = [];
  for (const file of waiting) {
    const { exitCode, out, err } = await push(file);
    if (exitCode === 0) definitions.set(file, (JSON.parse(out[0] ?? '') as { name: string }).name);
    else refused.push(file);
    if (exitCode !== 0) reasons.push(...out, ...err);
  }
  if (refused.length === waiting.length && refused.length > 0) throw new Error(reasons.join('\n'));
  if (refused.length > 0) await pushAll(refused);
}

async function push(file: string) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    raw: () => {},
    size: undefined,
    ask: undefined,
  };
  const system = {
    ...realSystem(),
    terminal,
    // Jest compiles what it loads by its own means.
    loadModule: async (path: string) => import(path) as Promise<object>,
  };
  const path = join(FOLDER, file);
  const args = ['definitions', 'push', path, '--json', '--api-url', stack.apiUrl];
  return { exitCode: await runCommandLine(args, system), out, err };
}

/** Follows it to its end, and answers on the way what it asks. */
async function ended(workflowId: string, answer: object | undefined) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const workflow = await client.getWorkflow({ workflowId });
    if (isOver(workflow)) return workflow;
    if (Date.now() > deadline) throw new Error(`it goes on: ${JSON.stringify(workflow)}`);
    if (answer) await answerAll(workflowId, answer);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function answerAll(workflowId: string, answer: object): Promise<void> {
  const { callbacks } = await client.listCallbacks();
  for (const open of callbacks)
    if (open.workflowId === workflowId)
      await client.answerCallback({ token: open.token, body: answer as { outcome: 'success' } });
}

describe('the examples', () => {
  it('are all of the folder', () => {
    expect(files).toEqual(expect.arrayContaining([...OTHERS, 'map.yaml', 'hooks.yaml']));
    expect([...definitions.keys()].sort()).toEqual(examples);
  });

  it.each(cases)('$file ends $run.ends: $run.input', async ({ file, run, workflowId }) => {
    const { input = {}, answer, ends } = run;
    const definition = definitions.get(file) as string;
    await client.startWorkflow({ body: { workflowId, definition, input } });
    const workflow = await ended(workflowId, answer);
    expect(workflow.status).toBe(ends);
    expect(workflow.tasks.filter(({ status }) => !TERMINAL.has(status))).toEqual([]);
  });

  it('schedule.json is a schedule whose next times are known', async () => {
    const { name, ...body } = JSON.parse(readFileSync(join(FOLDER, 'schedule.json'), 'utf8')) as {
      name: string;
    } & Parameters<Client['putSchedule']>[0]['body'];
    // The sample is stored by its first start.
    await client.startWorkflow({
      body: { workflowId: 'before-the-schedule', input: { delayMs: 0 } },
    });
    await client.putSchedule({ name, body });
    expect((await client.getSchedule({ name })).next).toHaveLength(5);
  });

  it('start.json starts a workflow, task.json runs a task', async () => {
    const event = (file: string): unknown => JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
    const started = await invokeFunction(stack, 'Orchestrator', event('start.json'));
    expect(started).toMatchObject({ kind: 'created', workflowId: 'by-hand' });
    expect((await ended('by-hand', undefined)).status).toBe('SUCCESS');
    expect(await invokeFunction(stack, 'TaskA', event('task.json'))).toMatchObject({ task: 'A' });
  });
});
