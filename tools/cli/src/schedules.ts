/** `orchestra schedules`: what is started at which times. */
import { Option, type Command } from 'commander';
import {
  putScheduleRequestSchema,
  type Schedule,
  type ScheduleSummary,
} from '@orchestra/api-contract';
import { LIMITS, issuesOf } from '@orchestra/workflow-core';
import type { ApiClient } from './api-client.js';
import { parseCount, parseId } from './arguments.js';
import { print, type CommonOptions, type ListOptions } from './commands.js';
import { readDocument } from './definitions-file.js';
import { CliError, EXIT, type ExitCode } from './exit-code.js';
import type { System } from './system.js';
import { oneLine, table } from './tables.js';
import { findApi } from './target.js';

/** @param withTarget adds the options that say which Orchestra is meant */
export function addScheduleCommands(
  root: Command,
  withTarget: (command: Command) => Command,
  run: (command: (system: System) => Promise<ExitCode>) => Promise<void>,
): void {
  const schedules = root.command('schedules').description('what is started at which times');
  const command = (name: string, description: string) =>
    withTarget(schedules.command(name).description(description));
  const namedCommand = (name: string, description: string, ask: Ask) =>
    command(name, description)
      .argument('<name>', 'the name of the schedule', parseId)
      .action((schedule: string, options: CommonOptions) =>
        run((system) => order(schedule, ask, options, system)),
      );

  command('list', 'list schedules by name')
    .addOption(
      new Option('--limit <n>', 'how many at most')
        .argParser(parseCount)
        .default(LIMITS.schedulePageSize.default),
    )
    .addOption(new Option('--all', 'every one').conflicts('limit'))
    .action((options: ListOptions) => run((system) => list(options, system)));
  namedCommand('show', 'show a schedule, its next times and what became of the last', (api, name) =>
    api.getSchedule({ name }),
  );
  command('put', 'make the schedule of a file, or all of it anew')
    .argument('<file>', 'a .json, .yaml or .yml file')
    .action((file: string, options: CommonOptions) => run((system) => put(file, options, system)));
  namedCommand('pause', 'let a schedule start nothing until it is resumed', (api, name) =>
    api.pauseSchedule({ name }),
  );
  namedCommand('resume', 'let a paused schedule go on from now', (api, name) =>
    api.resumeSchedule({ name }),
  );
  command('delete', 'remove a schedule; what it started goes on')
    .argument('<name>', 'the name of the schedule', parseId)
    .action((name: string, options: CommonOptions) =>
      run((system) => remove(name, options, system)),
    );
}

type Ask = (api: ApiClient, name: string) => Promise<Schedule>;

async function order(
  name: string,
  ask: Ask,
  options: CommonOptions,
  system: System,
): Promise<ExitCode> {
  const schedule = await ask(await findApi(options, system), name);
  print(options, system, schedule, () => showLines(schedule));
  return EXIT.done;
}

async function put(file: string, options: CommonOptions, system: System): Promise<ExitCode> {
  const parsed = putScheduleRequestSchema.safeParse(readDocument(file, system));
  const issues = parsed.success ? [] : issuesOf(parsed.error);
  const { name } = parsed.data ?? {};
  if (parsed.success && name === undefined)
    issues.push({ path: 'name', message: 'must be there: it names the schedule' });
  if (issues.length > 0 || name === undefined || !parsed.success)
    throw new CliError(
      EXIT.notDone,
      `${file}: ${issues.map(({ path, message }) => `${path}: ${message}`).join('; ')}`,
    );
  return order(name, (api) => api.putSchedule({ name, body: parsed.data }), options, system);
}

async function remove(name: string, options: CommonOptions, system: System): Promise<ExitCode> {
  const api = await findApi(options, system);
  const deleted = await api.deleteSchedule({ name });
  print(options, system, deleted, () => [`${deleted.name}  deleted`]);
  return EXIT.done;
}

async function list(options: ListOptions, system: System): Promise<ExitCode> {
  const api = await findApi(options, system);
  const wanted = options.all ? Infinity : options.limit;
  const schedules: ScheduleSummary[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(wanted - schedules.length, LIMITS.schedulePageSize.max);
    const page = await api.listSchedules({ limit, cursor });
    schedules.push(...page.schedules);
    cursor = page.nextCursor;
  } while (cursor !== undefined && schedules.length < wanted);
  const more = cursor !== undefined;
  print(options, system, { schedules, more }, () => [
    ...(schedules.length === 0 ? ['no schedules'] : listLines(schedules)),
    ...(more ? ['there are more: --limit or --all shows them'] : []),
  ]);
  return EXIT.done;
}

const listLines = (schedules: readonly ScheduleSummary[]): string[] =>
  table(
    ['SCHEDULE', 'TIMES', 'DEFINITION', 'NEXT', 'LAST'],
    schedules.map((schedule) => [
      schedule.name,
      timesOf(schedule),
      definitionOf(schedule),
      nextOf(schedule),
      schedule.last ? `${schedule.last.at} ${schedule.last.outcome}` : '-',
    ]),
  );

function showLines(schedule: Schedule): string[] {
  const { name, overlap, missed, next, waitingSince, last, note } = schedule;
  return [
    `${name}  ${timesOf(schedule)}  ${definitionOf(schedule)}`,
    ...(note === undefined ? [] : [oneLine(note)]),
    `overlap: ${overlap}, missed: ${missed}`,
    ...(schedule.enabled ? next.map((at) => `next  ${at}`) : ['paused']),
    ...(waitingSince === undefined ? [] : [`waits since ${waitingSince}`]),
    ...(last ? [lastLine(last)] : []),
  ];
}

const lastLine = ({ at, outcome, workflowId, reason }: NonNullable<Schedule['last']>): string =>
  oneLine(['last ', at, outcome, workflowId, reason && `(${reason})`].filter(Boolean).join(' '));

const timesOf = ({ cron, rate, timeZone }: ScheduleSummary): string =>
  oneLine(cron === undefined ? `every ${rate}` : `${cron} ${timeZone}`);

const definitionOf = ({ definition: { name, revision } }: ScheduleSummary): string =>
  revision === undefined ? name : `${name} (revision ${revision})`;

const nextOf = ({ enabled, waitingSince, next }: ScheduleSummary): string =>
  enabled ? (waitingSince ?? next[0] ?? '-') : 'paused';
