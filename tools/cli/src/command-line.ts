/** Reads the command line. Nothing is sent before all of it is right. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { LIMITS, TASK_STATUSES, WORKFLOW_STATUSES } from '@orchestra/workflow-core';
import { collectTags, parseCount, parseDefinitionRef, parseId, parseTaskId } from './arguments.js';
import { addCallbackCommands } from './callback-commands.js';
import { get, invokeAll, list, start, watch } from './commands.js';
import { addControlCommands, withWords } from './control-commands.js';
import { addDefinitionCommands } from './definitions.js';
import { events, task, why } from './details.js';
import { CliError, EXIT, type ExitCode } from './exit-code.js';
import { addFailureQueueCommands } from './failure-queue.js';
import { tasks } from './list-tasks.js';
import { cancel, redrive, rerun } from './orders.js';
import { addScheduleCommands } from './schedules.js';
import type { System } from './system.js';

const EXIT_CODES = `
Exit codes:
  0    done; a watched workflow ended in SUCCESS
  1    the workflow ended otherwise, a function failed, or the request was refused
  2    the command line is wrong; nothing was sent
  3    nothing answers: no stack is running, or it cannot be reached
  130  stopped by Ctrl-C; what was started goes on`;

/** Runs one command; whatever goes wrong becomes one line on stderr and the exit code. */
export async function runCommandLine(args: readonly string[], system: System): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const finish = (code: ExitCode) => {
    exitCode = code;
  };
  try {
    await program(system, finish).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return exitCodeOf(error, system);
  }
}

function exitCodeOf(error: unknown, { terminal, interrupted }: System): ExitCode {
  // Commander has written its line already; help and version end it with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (interrupted.aborted) return EXIT.interrupted;
  terminal.err(`orchestra: ${error instanceof Error ? error.message : String(error)}`);
  return error instanceof CliError ? error.exitCode : EXIT.notDone;
}

function program(system: System, finish: (code: ExitCode) => void): Command {
  const root = new Command('orchestra')
    .description('Starts, lists and watches workflows, on this machine or on AWS.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => system.terminal.out(text.trimEnd()),
      writeErr: (text) => system.terminal.err(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, 'orchestra: ')),
    })
    .addHelpText('after', EXIT_CODES);

  const json = (flags: string, description: string) =>
    new Option(flags, description).argParser((text) => parseInput(text, system));
  const input = () => json('--input <json|@file>', "the workflow's input");
  // Commands made from here on take over how the root ends and writes.
  const command = (name: string, description: string) =>
    withTarget(root.command(name).description(description));

  command('start', 'start a workflow')
    .addOption(
      new Option('--id <id>', 'its id; with one, the command is safe to repeat').argParser(parseId),
    )
    .addOption(
      new Option('--definition <name[@revision]>', 'what to run (default diamond)').argParser(
        parseDefinitionRef,
      ),
    )
    .addOption(input())
    .addOption(new Option('--tag <tag...>', 'what it can be found by').argParser(collectTags))
    .action(async (options) => finish(await start(options, system)));
  command('list', 'list workflows, newest first')
    .addOption(new Option('--status <status>', 'only those').choices(WORKFLOW_STATUSES))
    .addOption(
      new Option('--limit <n>', 'how many at most')
        .argParser(parseCount)
        .default(LIMITS.listPageSize.default),
    )
    .addOption(new Option('--all', 'every one').conflicts('limit'))
    .action(async (options) => finish(await list(options, system)));
  command('get', 'show a workflow and its tasks')
    .argument('<id>', 'the id of the workflow', parseId)
    .action(async (id: string, options) => finish(await get(id, options, system)));
  command('watch', 'follow a workflow until it ends')
    .argument('<id>', 'the id of the workflow', parseId)
    .action(async (id: string, options) => finish(await watch(id, options, system)));
  command('invoke-all', 'invoke each task function once, then run one workflow')
    .addOption(input())
    .action(async (options) => finish(await invokeAll(options, system)));
  command('tasks', 'list the tasks of a workflow, or the items of a map')
    .argument('<id>', 'the id of the workflow', parseId)
    .addOption(new Option('--map <task>', 'its items, in their order').argParser(parseId))
    .addOption(new Option('--status <status>', 'only those').choices(TASK_STATUSES))
    .addOption(
      new Option('--limit <n>', 'how many at most')
        .argParser(parseCount)
        .default(LIMITS.taskPageSize.default),
    )
    .addOption(new Option('--all', 'every one').conflicts('limit'))
    .action(async (id: string, options) => finish(await tasks(id, options, system)));
  const taskCommand = (name: string, description: string) =>
    command(name, description)
      .argument('<id>', 'the id of the workflow', parseId)
      .argument('<task>', 'the id of the task, or of an item such as B[3]', parseTaskId);
  taskCommand('task', 'show a task with its input, its output and every attempt').action(
    async (id: string, taskId: string, options) => finish(await task(id, taskId, options, system)),
  );
  taskCommand('why', 'say why a task waits, runs or was skipped').action(
    async (id: string, taskId: string, options) => finish(await why(id, taskId, options, system)),
  );
  command('events', 'tell what happened to a workflow, in order')
    .argument('<id>', 'the id of the workflow', parseId)
    .action(async (id: string, options) => finish(await events(id, options, system)));

  const order = (made: Command) => withWords(made).option('--yes', 'without asking');
  order(command('cancel', 'stop a workflow for good').argument('<id>', 'its id', parseId)).action(
    async (id: string, options) => finish(await cancel(id, options, system)),
  );
  order(
    command('redrive', 'run what failed, was skipped or cancelled again')
      .argument('<id>', 'the id of the workflow', parseId)
      .addOption(
        new Option('--revision <n>', 'with this revision of its definition').argParser(parseCount),
      )
      .option('--dry-run', 'only show what would run'),
  ).action(async (id: string, options) => finish(await redrive(id, options, system)));
  order(
    taskCommand('rerun', 'run a task of an ended workflow again, and all below it')
      .addOption(json('--input <json|@file>', 'in place of the input its definition says'))
      .option('--only', 'without what is below it')
      .option('--dry-run', 'only show what would run'),
  ).action(async (id: string, taskId: string, options) =>
    finish(await rerun(id, taskId, options, system)),
  );
  const run = async (chosen: (system: System) => Promise<ExitCode>) => finish(await chosen(system));
  addControlCommands(root, withTarget, json, run);
  addCallbackCommands(root, withTarget, json, run);
  addDefinitionCommands(root, withTarget, run);
  addScheduleCommands(root, withTarget, run);
  addFailureQueueCommands(root, withTarget, run);
  return root;
}

function withTarget(command: Command): Command {
  return command
    .option('--json', 'one JSON document per line, for machines')
    .addOption(
      new Option('--api-url <url>', 'the API to speak to, with its stage').argParser(parseUrl),
    )
    .option('--data-dir <dir>', 'the data directory of the local stack (ORCHESTRA_DATA_DIR)')
    .option('--region <region>', 'an installation on AWS, in this region')
    .option('--stack-name <name>', 'its stack of functions (default OrchestrationStack)')
    .option('--api-stack-name <name>', 'its stack of the API (default ApiStack)')
    .option('--orchestrator-arn <arn>', 'its orchestrator, instead of the one of the stack');
}

function parseUrl(text: string): string {
  if (/^https?:/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('It must be an http or https address.');
}

function parseInput(text: string, system: System): unknown {
  const json = text.startsWith('@') ? readInput(text.slice(1), system) : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new InvalidArgumentError(`It must be JSON: ${(error as Error).message}`);
  }
}

function readInput(path: string, system: System): string {
  try {
    return system.readFile(path);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
