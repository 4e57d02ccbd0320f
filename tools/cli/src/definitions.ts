/** `orchestra definitions`: what can be run. */
import { Option, type Command } from 'commander';
import type { DefinitionDetail, DefinitionSummary } from '@orchestra/api-contract';
import { LIMITS } from '@orchestra/workflow-core';
import { parseCount, parseId } from './arguments.js';
import { print, type CommonOptions, type ListOptions } from './commands.js';
import { push, validate, type PushOptions, type ValidateOptions } from './definitions-push.js';
import { EXIT, type ExitCode } from './exit-code.js';
import type { System } from './system.js';
import { oneLine, table } from './tables.js';
import { definedTasks } from './task-kind.js';
import { findApi } from './target.js';

interface ShowOptions extends CommonOptions {
  readonly revision?: number;
}

/** @param withTarget adds the options that say which Orchestra is meant */
export function addDefinitionCommands(
  root: Command,
  withTarget: (command: Command) => Command,
  run: (command: (system: System) => Promise<ExitCode>) => Promise<void>,
): void {
  const definitions = root.command('definitions').description('what can be run: store and show it');
  const command = (name: string, description: string) =>
    withTarget(definitions.command(name).description(description));
  const fileCommand = (name: string, description: string) =>
    command(name, description).argument('<file>', 'a .ts, .js, .json, .yaml or .yml file');

  fileCommand('push', 'store the definitions of a file, each as the next revision of its name')
    .option('--dry-run', 'only say what would be stored')
    .action((file: string, options: PushOptions) =>
      run(async (system) => push(file, options, await findApi(options, system), system)),
    );
  fileCommand('validate', 'name everything wrong with the definitions of a file')
    .option('--offline', 'ask no Orchestra: which functions are registered is not checked')
    .action((file: string, options: ValidateOptions) =>
      run(async (system) => {
        const api = options.offline ? undefined : await findApi(options, system);
        return validate(file, options, api, system);
      }),
    );
  command('list', 'list definitions by name')
    .addOption(
      new Option('--limit <n>', 'how many at most')
        .argParser(parseCount)
        .default(LIMITS.definitionPageSize.default),
    )
    .addOption(new Option('--all', 'every one').conflicts('limit'))
    .action((options: ListOptions) => run((system) => list(options, system)));
  command('show', 'show a definition and its tasks')
    .argument('<name>', 'the name of the definition', parseId)
    .addOption(new Option('--revision <n>', 'this one instead of the newest').argParser(parseCount))
    .action((name: string, options: ShowOptions) => run((system) => show(name, options, system)));
}

async function list(options: ListOptions, system: System): Promise<ExitCode> {
  const api = await findApi(options, system);
  const wanted = options.all ? Infinity : options.limit;
  const definitions: DefinitionSummary[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(wanted - definitions.length, LIMITS.definitionPageSize.max);
    const page = await api.listDefinitions({ limit, cursor });
    definitions.push(...page.definitions);
    cursor = page.nextCursor;
  } while (cursor !== undefined && definitions.length < wanted);
  const more = cursor !== undefined;
  print(options, system, { definitions, more }, () => [
    ...(definitions.length === 0 ? ['no definitions'] : listLines(definitions)),
    ...(more ? ['there are more: --limit or --all shows them'] : []),
  ]);
  return EXIT.done;
}

async function show(name: string, options: ShowOptions, system: System): Promise<ExitCode> {
  const api = await findApi(options, system);
  const { revision } = options;
  const detail = await (revision === undefined
    ? api.getDefinition({ name })
    : api.getRevision({ name, revision }));
  print(options, system, detail, () => showLines(detail));
  return EXIT.done;
}

const listLines = (definitions: readonly DefinitionSummary[]): string[] =>
  table(
    ['DEFINITION', 'REVISION', 'TASKS', 'CREATED', 'DESCRIPTION'],
    definitions.map(({ name, revision, taskCount, createdAt, description = '' }) => [
      name,
      String(revision),
      String(taskCount),
      createdAt,
      oneLine(description),
    ]),
  );

function showLines({ name, revision, createdAt, definition }: DefinitionDetail): string[] {
  return [
    `${name} (revision ${revision})  created ${createdAt}`,
    ...(definition.description === undefined ? [] : [oneLine(definition.description)]),
    ...table(
      ['TASK', 'DOES', 'DEPENDS ON', 'RULE', 'WHEN'],
      definedTasks(definition).map(([task, does]) => [
        task.id,
        does,
        task.dependsOn?.join(' ') || '-',
        task.triggerRule ?? 'all_success',
        oneLine(task.when ?? '-'),
      ]),
    ),
  ];
}
