/** The command lines of what an operator orders of a workflow or a task besides cancel, redrive and rerun. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { LIMITS } from '@orchestra/workflow-core';
import { parseId, parseTaskId } from './arguments.js';
import { control, setOutput, skip } from './control.js';
import type { ExitCode } from './exit-code.js';
import type { System } from './system.js';

type Run = (chosen: (system: System) => Promise<ExitCode>) => Promise<void>;

/** Who gives an order, and why. */
export const withWords = (command: Command): Command =>
  command
    .addOption(
      new Option('--who <name>', 'who says so, for the history').argParser(
        atMost(LIMITS.whoLength),
      ),
    )
    .addOption(
      new Option('--note <text>', 'why, for the history').argParser(atMost(LIMITS.noteLength)),
    );

/** @param json an option whose value is JSON, or in a file */
export function addControlCommands(
  root: Command,
  withTarget: (command: Command) => Command,
  json: (flags: string, description: string) => Option,
  run: Run,
): void {
  const command = (name: string, description: string) =>
    withWords(
      withTarget(root.command(name).description(description)).argument(
        '<id>',
        'the id of the workflow',
        parseId,
      ),
    );
  const taskCommand = (name: string, description: string) =>
    command(name, description)
      .argument('<task>', 'the id of the task, or of an item such as B[3]', parseTaskId)
      .option('--yes', 'without asking');

  command('pause', 'let nothing of a workflow start until it is resumed').action(
    (id: string, options) => run((system) => control('pause', id, options, system)),
  );
  command('resume', 'let a paused workflow go on').action((id: string, options) =>
    run((system) => control('resume', id, options, system)),
  );
  taskCommand('skip', 'skip a task; an ended workflow goes on with it').action(
    (id: string, taskId: string, options) => run((system) => skip(id, taskId, options, system)),
  );
  taskCommand('set-output', 'end a task with an output; an ended workflow goes on with it')
    .addOption(json('--output <json|@file>', 'what it gives').makeOptionMandatory())
    .action((id: string, taskId: string, options) =>
      run((system) => setOutput(id, taskId, options, system)),
    );
}

const atMost = (length: number) => (text: string) => {
  if (text.length > 0 && text.length <= length) return text;
  throw new InvalidArgumentError(`It must have at most ${length} characters, and one at least.`);
};
