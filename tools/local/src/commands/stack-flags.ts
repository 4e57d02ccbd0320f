/** The options that say where and how a stack runs: on the command line, else in the environment, else as by default. */
import { isAbsolute, join, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DataPlace } from '../emulator/data-directory.js';
import type { StackModel } from '../model.js';
import type { StackOptions } from '../stack.js';
import { WORKSPACE } from './workspace.js';

export interface StackFlags {
  readonly apiPort: number;
  readonly dashboardPort: number;
  readonly dataDir: string;
  readonly ephemeral: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly scheduleEvery: number;
  /** Run as it is; without it the workspace is built and synthesised. */
  readonly assembly?: string;
}

/** A stack of its own beside any other. */
export const ALONE: StackFlags = {
  apiPort: 0,
  dashboardPort: 0,
  dataDir: '',
  ephemeral: true,
  env: {},
  scheduleEvery: 1,
};

/** Where people look for it without having said anything. */
const DEFAULTS = { apiPort: 3000, dashboardPort: 4200, dataDir: join(WORKSPACE, '.orchestra') };
/** A minute is long for somebody who watches: a laptop sweeps each second and waits 2 s before it repairs. */
const LOCAL_PACE = { scheduleEverySeconds: 1, environment: { SWEEP_GRACE_SECONDS: '2' } } as const;

export function addStackFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--api-port <port>', 'port of the API, 0 for any free one')
        .env('ORCHESTRA_API_PORT')
        .default(DEFAULTS.apiPort)
        .argParser(portOf),
    )
    .addOption(
      new Option('--dashboard-port <port>', 'port of the dashboard, 0 for any free one')
        .env('ORCHESTRA_DASHBOARD_PORT')
        .default(DEFAULTS.dashboardPort)
        .argParser(portOf),
    )
    .addOption(dataDirOption())
    .addOption(
      new Option('--ephemeral', 'keep nothing: the data is gone at the end').default(
        isOn(process.env['ORCHESTRA_EPHEMERAL']),
        'ORCHESTRA_EPHEMERAL',
      ),
    )
    .addOption(assemblyOption())
    .addOption(
      new Option('--env <name=value>', 'a variable of the functions that declare it; repeatable')
        .default({}, 'none')
        .argParser(variableOf),
    )
    .addOption(
      new Option('--schedule-every <seconds>', 'how often schedules fire here')
        .default(LOCAL_PACE.scheduleEverySeconds)
        .argParser(secondsOf),
    );
}

export function dataDirOption(): Option {
  return new Option('--data-dir <folder>', 'where the data is kept')
    .env('ORCHESTRA_DATA_DIR')
    .default(DEFAULTS.dataDir, '.orchestra')
    .argParser(folderOf);
}

export function assemblyOption(): Option {
  return new Option(
    '--assembly <folder>',
    'a synthesised assembly (cdk.out) to run, instead of building and synthesising this workspace',
  ).argParser(folderOf);
}

export function stackOptionsOf(
  flags: StackFlags,
): Omit<StackOptions, 'assemblyDirectory'> & DataPlace {
  return {
    ...(flags.ephemeral
      ? { ephemeral: true, ...(flags.dataDir === '' ? {} : { announceIn: flags.dataDir }) }
      : { dataDirectory: flags.dataDir }),
    apiPort: flags.apiPort,
    dashboardPort: flags.dashboardPort,
    functionEnvironment: flags.env,
    suggestedEnvironment: LOCAL_PACE.environment,
    scheduleEverySeconds: flags.scheduleEvery,
  };
}

/** One line on what these options change against the template. */
export function paceLine({ functions, schedules }: StackModel, flags: StackFlags): string {
  const names = Object.keys({ ...LOCAL_PACE.environment, ...flags.env });
  const variables = names.flatMap((name) => {
    const declaring = functions.find(({ environment }) => Object.hasOwn(environment, name));
    return declaring ? [`${name}=${declaring.environment[name]}`] : [];
  });
  const pace = schedules.length > 0 ? [`schedules fire every ${flags.scheduleEvery} s`] : [];
  return `Here: ${[...pace, ...variables].join(', ') || 'all as in the template'}`;
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('It must be a number of seconds above 0, at most 86400.');
}

function variableOf(text: string, earlier: Readonly<Record<string, string>>) {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return { ...earlier, [name]: value };
  throw new InvalidArgumentError('It must look like NAME=VALUE.');
}

/** npm and nx run this in the repository; a relative folder is meant from where the person is. */
function folderOf(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must name a folder.');
  return isAbsolute(text) ? text : resolve(process.env['INIT_CWD'] ?? process.cwd(), text);
}

function isOn(text: string | undefined): boolean {
  return text !== undefined && !['', '0', 'false', 'no'].includes(text.toLowerCase());
}
