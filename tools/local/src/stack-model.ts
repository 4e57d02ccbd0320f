/** The assembly as this machine runs it: with the local addresses, and with what the options change. */
import { cpSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { overrideEnvironment } from './function-environment.js';
import type { StackModel } from './model.js';
import { readAssembly } from './template/read-assembly.js';

/** For stacks that name no account and no region. */
export const ENVIRONMENT = { region: 'us-east-1', accountId: '000000000000' } as const;
export interface ModelOptions {
  readonly assemblyDirectory: string;
  readonly functionEnvironment?: Readonly<Record<string, string>>;
  readonly suggestedEnvironment?: Readonly<Record<string, string>>;
  readonly scheduleEverySeconds?: number;
}

export interface Place {
  /** `http://localhost:3000`, without a slash at the end. */
  readonly apiOrigin: string;
  readonly dashboardOrigin: string;
  readonly dataDirectory: string;
}

/** @throws what reading the assembly throws; UndeclaredVariableError; Error when there are two of what is served once */
export function readModel(options: ModelOptions, place: Place): StackModel {
  const stagingDirectory = join(place.dataDirectory, 'staged');
  // What an earlier assembly left here would only pile up.
  rmSync(stagingDirectory, { recursive: true, force: true });
  const model = readAssembly(options.assemblyDirectory, {
    ...ENVIRONMENT,
    localApiUrl: (_, stage) => `${place.apiOrigin}/${stage}`,
    localSiteUrl: () => place.dashboardOrigin,
    stagingDirectory,
  });
  atMostOne('APIs', model.apis);
  atMostOne('sites', model.sites);
  return withOwnSites(withOptions(model, options), place.dataDirectory);
}

function atMostOne(what: string, found: readonly unknown[]): void {
  if (found.length > 1)
    throw new Error(`${found.length} ${what} in the assembly; one can be served`);
}

function withOptions(
  model: StackModel,
  { functionEnvironment, suggestedEnvironment, scheduleEverySeconds }: ModelOptions,
): StackModel {
  return {
    ...model,
    functions: overrideEnvironment(model.functions, {
      asked: functionEnvironment,
      suggested: suggestedEnvironment,
    }),
    schedules: model.schedules.map((schedule) => ({
      ...schedule,
      everySeconds: scheduleEverySeconds ?? schedule.everySeconds,
    })),
  };
}

/** The next synthesis replaces the assembly while this stack still serves from it. */
function withOwnSites(model: StackModel, dataDirectory: string): StackModel {
  const copies = join(dataDirectory, 'site');
  rmSync(copies, { recursive: true, force: true });
  const copied = (directory: string) => {
    const copy = join(copies, basename(directory));
    cpSync(directory, copy, { recursive: true });
    return copy;
  };
  return {
    ...model,
    sites: model.sites.map((site) => ({
      ...site,
      sources: site.sources.map((source) => ({ ...source, directory: copied(source.directory) })),
    })),
  };
}
