/** `orchestra dlq`: what was given up on, and doing it once more. */
import { InvalidArgumentError, type Command } from 'commander';
import { print, type CommonOptions } from './commands.js';
import { CliError, EXIT, type ExitCode } from './exit-code.js';
import { FailureQueueHolder } from './failure-queue-holder.js';
import type { Failure } from './failure-queue-message.js';
import { functionName, redrive, type RedriveDependencies } from './failure-queue-redrive.js';
import type { System } from './system.js';
import { oneLine, table } from './tables.js';
import { findFunctions, type Functions } from './target.js';

interface RedriveOptions extends CommonOptions {
  readonly all?: boolean;
}

interface RedriveResult {
  readonly messageId: string;
  readonly ok: boolean;
  /** What was done, or why not. */
  readonly detail: string;
}

/** Seconds for which others do not see what is looked at, or worked on, should this process die meanwhile. */
const HOLD_SECONDS = { list: 60, redrive: 900 } as const;
/** Characters of a reason in a table. */
const LONGEST_REASON = 120;

/** @param withTarget adds the options that say which Orchestra is meant */
export function addFailureQueueCommands(
  root: Command,
  withTarget: (command: Command) => Command,
  run: (command: (system: System) => Promise<ExitCode>) => Promise<void>,
): void {
  const dlq = root.command('dlq').description('the failure queue: what was given up on');
  withTarget(dlq.command('list').description('show what lies in it; nothing is taken out')).action(
    (options: CommonOptions) => run((system) => listFailures(options, system)),
  );
  withTarget(dlq.command('redrive').description('do it once more, and take out what was done'))
    .argument('[messageId...]', 'ids that `dlq list` shows', collectIds)
    .option('--all', 'every message')
    .action((ids: readonly string[], options: RedriveOptions) =>
      run((system) => redriveFailures(ids, options, system)),
    );
}

async function listFailures(options: CommonOptions, system: System): Promise<ExitCode> {
  const { holder } = await openQueue(options, system, HOLD_SECONDS.list);
  const { failures, more, inOtherHands } = await holder.takeAll();
  await holder.letGo();
  print(options, system, { messages: failures, more, inOtherHands }, () => [
    ...(failures.length === 0 ? ['the failure queue is empty'] : failureTable(failures)),
    ...(more ? ['there are more'] : []),
    ...(inOtherHands > 0 ? [`${inOtherHands} more are in other hands at this moment`] : []),
  ]);
  return EXIT.done;
}

async function redriveFailures(
  ids: readonly string[],
  options: RedriveOptions,
  system: System,
): Promise<ExitCode> {
  if (options.all ? ids.length > 0 : ids.length === 0)
    throw new CliError(EXIT.usage, 'name the messages to redrive, or give --all');
  const { holder, functions } = await openQueue(options, system, HOLD_SECONDS.redrive);
  const { failures, more } = await holder.takeAll();
  try {
    const chosen = failures.filter(({ messageId }) => options.all || ids.includes(messageId));
    const is = dependencies(functions, system);
    const results = missing(ids, failures);
    for (const failure of chosen) results.push(await redriveOne(failure, holder, is));
    print(options, system, { results, more }, () => resultLines(results, more));
    return results.every(({ ok }) => ok) ? EXIT.done : EXIT.notDone;
  } finally {
    await holder.letGo();
  }
}

async function redriveOne(
  failure: Failure,
  holder: FailureQueueHolder,
  is: RedriveDependencies,
): Promise<RedriveResult> {
  const { messageId } = failure;
  try {
    const detail = await redrive(failure, is);
    await holder.delete(messageId);
    return { messageId, ok: true, detail };
  } catch (error) {
    if (is.interrupted.aborted) throw error;
    return { messageId, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

async function openQueue(options: CommonOptions, system: System, holdSeconds: number) {
  const functions = await findFunctions(options, system);
  const { place, failureQueueUrl: queueUrl } = functions;
  if (queueUrl === undefined)
    throw new CliError(
      EXIT.noAnswer,
      'there is no output FailureQueueUrl, and so no failure queue',
    );
  const { interrupted } = system;
  const client = system.sqs(place);
  return {
    functions,
    holder: new FailureQueueHolder({ client, queueUrl, interrupted, holdSeconds }),
  };
}

const dependencies = (functions: Functions, system: System): RedriveDependencies => ({
  functions,
  lambda: system.lambda(functions.place),
  records: { client: system.streams(functions.place), interrupted: system.interrupted },
  interrupted: system.interrupted,
});

function missing(ids: readonly string[], failures: readonly Failure[]): RedriveResult[] {
  const there = new Set(failures.map(({ messageId }) => messageId));
  return ids
    .filter((id) => !there.has(id))
    .map((messageId) => ({
      messageId,
      ok: false,
      detail: 'it is not in the queue, or in other hands',
    }));
}

function failureTable(failures: readonly Failure[]): string[] {
  return table(
    ['MESSAGE', 'WHAT', 'WORKFLOWS', 'WHEN', 'RECEIVED', 'WHY'],
    failures.map((failure) => [
      failure.messageId,
      what(failure),
      failure.workflowIds?.join(' ') || '-',
      failure.at ?? '-',
      String(failure.receiveCount),
      why(failure),
    ]),
  );
}

function what(failure: Failure): string {
  switch (failure.kind) {
    case 'workflow':
      return 'workflow';
    case 'event':
      return `event of ${functionName(failure.functionArn)}`;
    case 'stream':
      return `${failure.records.count} stream records`;
    case 'unknown':
      return 'unknown';
  }
}

function why(failure: Failure): string {
  if (failure.kind === 'unknown') return shortened(failure.body);
  const { type = '', message = '' } = failure.error ?? {};
  return shortened([type, message].filter(Boolean).join(': '));
}

/** `--json` has all of it. */
function shortened(text: string): string {
  const line = oneLine(text);
  return line.length <= LONGEST_REASON ? line : `${line.slice(0, LONGEST_REASON - 1)}…`;
}

function resultLines(results: readonly RedriveResult[], more: boolean): string[] {
  const done = results.filter(({ ok }) => ok).length;
  return [
    ...table(
      ['MESSAGE', 'RESULT', 'WHAT'],
      results.map(({ messageId, ok, detail }) => [
        messageId,
        ok ? 'redriven' : 'FAILED',
        oneLine(detail),
      ]),
    ),
    `${done} redriven, ${results.length - done} left in the queue`,
    ...(more ? ['there are more: run it again'] : []),
  ];
}

function collectIds(text: string, before: readonly string[] = []): string[] {
  if (/^[A-Za-z0-9-]{1,100}$/.test(text)) return [...before, text];
  throw new InvalidArgumentError('It must be the id of a message, as `dlq list` shows it.');
}
