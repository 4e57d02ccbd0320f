/** The command lines of what waits for an answer. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { LIMITS } from '@orchestra/workflow-core';
import { parseCount } from './arguments.js';
import { answer, heartbeat, listCallbacks } from './callbacks.js';
import { withWords } from './control-commands.js';
import type { ExitCode } from './exit-code.js';
import type { System } from './system.js';

/** @param json an option whose value is JSON, or in a file */
export function addCallbackCommands(
  root: Command,
  withTarget: (command: Command) => Command,
  json: (flags: string, description: string) => Option,
  run: (chosen: (system: System) => Promise<ExitCode>) => Promise<void>,
): void {
  const command = (name: string, description: string) =>
    withTarget(root.command(name).description(description));
  const tokenCommand = (name: string, description: string) =>
    command(name, description).argument('<token>', 'of the callback, as the list shows it');

  command('callbacks', 'list the tasks that wait for an answer, the oldest first')
    .addOption(
      new Option('--limit <n>', 'how many at most')
        .argParser(parseCount)
        .default(LIMITS.listPageSize.default),
    )
    .action((options) => run((system) => listCallbacks(options, system)));
  withWords(tokenCommand('answer', 'answer a task that waits for it'))
    .addOption(
      new Option('--outcome <outcome>', 'how the task ends')
        .choices(['success', 'failure'])
        .makeOptionMandatory(),
    )
    .addOption(json('--output <json|@file>', 'what it gives, of a success'))
    .addOption(new Option('--error <text>', 'why, of a failure').argParser(parseError))
    .action((token: string, options) => run((system) => answer(token, options, system)));
  tokenCommand('heartbeat', 'begin the time for an answer anew').action((token: string, options) =>
    run((system) => heartbeat(token, options, system)),
  );
}

function parseError(text: string): string {
  if (text.length > 0 && text.length <= LIMITS.errorMessageLength) return text;
  throw new InvalidArgumentError(
    `It must have at most ${LIMITS.errorMessageLength} characters, and one at least.`,
  );
}
