/** `orchestra definitions push` and `validate`: a file's definitions and the API. */
import {
  canonicalJson,
  definitionSchema,
  type Definition,
  type Issue,
} from '@orchestra/workflow-core';
import { validateDefinition } from '@orchestra/workflow-core/data';
import { ApiProblemError } from '@orchestra/api-contract';
import type { ApiClient } from './api-client.js';
import type { CommonOptions } from './commands.js';
import { readDefinitions, type FoundDefinition } from './definitions-file.js';
import type { PlacedIssue } from './definitions-text.js';
import { CliError, EXIT, type ExitCode } from './exit-code.js';
import type { System } from './system.js';
import { oneLine } from './tables.js';

export interface PushOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

export interface ValidateOptions extends CommonOptions {
  readonly offline?: boolean;
}

interface Checked {
  readonly definitions: readonly Definition[];
  readonly issues: readonly PlacedIssue[];
}

/** All of the file's definitions, or none when one of them has an issue. */
export async function push(
  path: string,
  options: PushOptions,
  api: ApiClient,
  system: System,
): Promise<ExitCode> {
  const { definitions, issues } = await check(path, api, system);
  if (issues.length > 0) return tellIssues(path, issues, options, system);
  for (const definition of definitions) {
    const { name, revision, created } = options.dryRun
      ? await preview(definition, api)
      : await api.putDefinition({ name: definition.name, body: definition });
    const words = created ? (options.dryRun ? 'would be created' : 'created') : 'unchanged';
    tell(
      options,
      system,
      { name, revision, created, ...(options.dryRun && { dryRun: true }) },
      `${name}  revision ${revision}  ${words}`,
    );
  }
  return EXIT.done;
}

/** @param api undefined: what can be known without one */
export async function validate(
  path: string,
  options: ValidateOptions,
  api: ApiClient | undefined,
  system: System,
): Promise<ExitCode> {
  const { definitions, issues } = await check(path, api, system);
  if (issues.length > 0) return tellIssues(path, issues, options, system);
  const names = definitions.map(({ name }) => name);
  tell(
    options,
    system,
    { file: path, valid: true, names, issues: [] },
    `${path}: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} valid`,
  );
  return EXIT.done;
}

async function check(path: string, api: ApiClient | undefined, system: System): Promise<Checked> {
  const file = await readDefinitions(path, system);
  if (file.kind === 'issues') return { definitions: [], issues: file.issues };
  const issues: PlacedIssue[] = [];
  for (const found of file.definitions)
    issues.push(...(await issuesOf(found, file.definitions.length > 1, api)));
  if (issues.length > 0) return { definitions: [], issues };
  // There is no issue, so that is what they are.
  const definitions = file.definitions.map(({ document }) => document as Definition);
  refuseSameNames(path, definitions);
  return { definitions, issues };
}

/** @param several whether the path has to say which definition is meant */
async function issuesOf(
  { document, lineOf }: FoundDefinition,
  several: boolean,
  api: ApiClient | undefined,
): Promise<PlacedIssue[]> {
  const issues = api
    ? (await api.validateDefinition({ body: document })).issues
    : issuesHere(document);
  const name = several ? (document as { readonly name: string }).name : '';
  return issues.map(({ path, message }) => ({
    path: [name, path].filter(Boolean).join(': '),
    message,
    ...(lineOf && { line: lineOf(path) }),
  }));
}

function issuesHere(document: unknown): readonly Issue[] {
  const validated = validateDefinition(document);
  return 'issues' in validated ? validated.issues : [];
}

/** One would become the next revision of the other. */
function refuseSameNames(path: string, definitions: readonly Definition[]): void {
  const names = definitions.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new CliError(EXIT.usage, `${path} exports two definitions of the name "${twice}"`);
}

async function preview(definition: Definition, api: ApiClient) {
  const { name } = definition;
  const newest = await api.getDefinition({ name }).catch(undefinedWhenMissing);
  if (newest === undefined) return { name, revision: 1, created: true };
  // What is stored has the defaults.
  const wouldBe = definitionSchema.safeParse(definition).data ?? definition;
  const created = canonicalJson(newest.definition) !== canonicalJson(wouldBe);
  return { name, revision: newest.revision + Number(created), created };
}

function undefinedWhenMissing(error: unknown): undefined {
  const cause = error instanceof CliError ? error.cause : undefined;
  if (cause instanceof ApiProblemError && cause.problem.status === 404) return undefined;
  throw error;
}

function tellIssues(
  path: string,
  issues: readonly PlacedIssue[],
  options: CommonOptions,
  system: System,
): ExitCode {
  const lines = issues.map((issue) => {
    const place = issue.line === undefined ? path : `${path}:${issue.line}`;
    return oneLine([place, issue.path, issue.message].filter(Boolean).join(': '));
  });
  tell(options, system, { file: path, valid: false, issues }, ...lines);
  return EXIT.notDone;
}

function tell(
  { json }: CommonOptions,
  { terminal }: System,
  document: object,
  ...lines: readonly string[]
): void {
  for (const line of json ? [JSON.stringify(document)] : lines) terminal.out(line);
}
