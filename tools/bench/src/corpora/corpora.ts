/**
 * Runs graphs that others made: what fits into a workflow has to end in SUCCESS, each task run exactly once and each
 * edge kept, what does not has to be refused with the limit named.
 */
import { readFileSync } from 'node:fs';
import { LIMITS, parseDefinition, type Definition } from '@orchestra/workflow-core';
import type { Bench, BenchOptions, Verdict } from '../bench.js';
import { machine } from '../report/machine.js';
import { writeFigures } from '../report/document.js';
import { rounded, tableOf } from '../report/table.js';
import { withStack, type Stack } from '../stack/open-stack.js';
import { runWorkflow } from '../stack/run-workflow.js';
import { asDefinition, nameOf, type DefinitionDocument } from './as-definition.js';
import { corpusFiles, readCorpus } from './corpus-file.js';
import { account, type Execution } from './order.js';

const SECONDS_PER_TASK = 0.2;
const LEAST_SECONDS = 60;
/** Of what does not hold, that is told. */
const SHOWN = 3;
const SHOWN_CHARACTERS = 300;

export interface Outcome {
  readonly file: string;
  readonly tasks: number;
  readonly edges: number;
  readonly seconds: number;
  readonly writeUnitsPerTask: number;
  readonly edgesChecked: number;
  readonly result: string;
  readonly holds: boolean;
}

export const corpora: Bench = async (options) => {
  const { dir, signal, only = '', write } = options;
  if (dir === undefined) throw new Error('--dir has to name the folder with the graphs');
  const files = corpusFiles(dir).filter((file) => file.includes(only));
  if (files.length === 0) throw new Error(`${dir} holds no graphs`);
  const outcomes = await withStack(signal, async (stack) => {
    const all: Outcome[] = [];
    for (const file of files) {
      all.push(await tryOne(stack, dir, file));
      console.log(lineOf(all.at(-1) as Outcome));
    }
    return all;
  });
  console.log(`\n${tableIn(outcomes)}\n`);
  if (write) writeFigures('corpora', `${machine()}.\n\n${tableIn(outcomes)}`);
  return [summary(outcomes), ...outcomes.filter(({ holds }) => !holds).map(verdictOf)];
};

async function tryOne(
  stack: Stack,
  dir: NonNullable<BenchOptions['dir']>,
  file: string,
): Promise<Outcome> {
  const document = asDefinition(readCorpus(dir, file), nameOf(file));
  const tasks = document.tasks.length;
  const edges = document.tasks.reduce((sum, { dependsOn = [] }) => sum + dependsOn.length, 0);
  const size = { file, tasks, edges };
  const limit = limitAbove(tasks, edges);
  try {
    const answer = await putDefinition(stack, document);
    if (limit !== undefined) return { ...size, ...refusal(answer, limit) };
    if (!answer.ok) throw new Error(`${answer.status} ${answer.text.slice(0, SHOWN_CHARACTERS)}`);
    return { ...size, ...(await run(stack, parseDefinition(document))) };
  } catch (error) {
    return { ...size, ...NOT_RUN, result: String(error), holds: false };
  }
}

const NOT_RUN = { seconds: 0, writeUnitsPerTask: 0, edgesChecked: 0 } as const;

/** The number that the refusal has to name. */
function limitAbove(tasks: number, edges: number): number | undefined {
  if (tasks > LIMITS.tasksPerWorkflow) return LIMITS.tasksPerWorkflow;
  return edges > LIMITS.edgesPerWorkflow ? LIMITS.edgesPerWorkflow : undefined;
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

async function putDefinition({ running }: Stack, document: DefinitionDocument): Promise<Answer> {
  const response = await fetch(new URL(`definitions/${document.name}`, running.apiUrl), {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(document),
  });
  return { ok: response.ok, status: response.status, text: await response.text() };
}

/** Of the caller's making, and with the number in it. */
function refusal({ status, text }: Answer, limit: number) {
  const holds = status === 400 && text.replaceAll(',', '').includes(String(limit));
  const words = `${status} ${text.slice(0, SHOWN_CHARACTERS)}`;
  return { ...NOT_RUN, result: holds ? `refused: above ${limit}` : words, holds };
}

async function run(stack: Stack, definition: Definition) {
  const done = await runWorkflow(stack, definition, {
    input: { delayMs: 0 },
    withinSeconds: Math.max(LEAST_SECONDS, SECONDS_PER_TASK * definition.tasks.length),
  });
  const whole = await stack.repository.getWorkflowWithTasks(done.workflowId);
  const ends = (whole?.tasks ?? []).flatMap(({ taskId, endedAt }) =>
    endedAt === undefined ? [] : [[taskId, endedAt] as const],
  );
  const { edgesChecked, breaches } = account(
    definition,
    executionsOf(stack, done.workflowId),
    new Map(ends),
  );
  return {
    seconds: done.seconds,
    writeUnitsPerTask: done.reading.tableWriteUnits / done.tasks,
    edgesChecked,
    result: [done.status, ...breaches.slice(0, SHOWN)].join('; '),
    holds: done.status === 'SUCCESS' && breaches.length === 0,
  };
}

/** What the tasks themselves noted, in the order in which they did. */
const executionsOf = ({ running }: Stack, workflowId: string): readonly Execution[] =>
  readFileSync(running.ledgerFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Execution & { readonly workflowId: string })
    .filter((line) => line.workflowId === workflowId);

const lineOf = ({ file, tasks, edges, seconds, result }: Outcome) =>
  `${file}: ${tasks} tasks, ${edges} edges, ${seconds.toFixed(1)} s: ${result}`;

const verdictOf = (outcome: Outcome): Verdict => ({ line: lineOf(outcome), holds: outcome.holds });

function summary(outcomes: readonly Outcome[]): Verdict {
  const right = outcomes.filter(({ holds }) => holds);
  const edges = right.reduce((sum, { edgesChecked }) => sum + edgesChecked, 0);
  const refused = right.filter(({ edgesChecked, tasks }) => edgesChecked === 0 && tasks > 1).length;
  return {
    line: `${right.length} of ${outcomes.length} graphs as they should be, ${refused} of them refused; ${edges} edges checked`,
    holds: right.length === outcomes.length,
  };
}

const tableIn = (outcomes: readonly Outcome[]): string =>
  tableOf(outcomes, [
    { title: 'File', of: ({ file }) => file },
    { title: 'Tasks', of: ({ tasks }) => tasks },
    { title: 'Edges', of: ({ edges }) => edges },
    { title: 'Seconds', of: ({ seconds }) => (seconds > 0 ? rounded(seconds, 1) : undefined) },
    {
      title: 'Write units per task',
      of: ({ writeUnitsPerTask: units }) => (units > 0 ? rounded(units, 2) : undefined),
    },
    { title: 'Edges checked', of: ({ edgesChecked }) => edgesChecked },
    { title: 'Result', of: ({ result }) => result },
  ]);
