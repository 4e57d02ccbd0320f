/** The definitions in a file: one in JSON or YAML, any number in a TypeScript module. */
import { parseText, type ParsedText, type PlacedIssue } from './definitions-text.js';
import { CliError, EXIT } from './exit-code.js';
import type { System } from './system.js';
import { oneLine } from './tables.js';

type Disk = Pick<System, 'readFile' | 'loadModule'>;

/** Something that may be a definition: whether it is one the API says. */
export interface FoundDefinition {
  readonly document: unknown;
  /** Undefined in a module, which makes its definitions while it runs. */
  readonly lineOf?: (path: string) => number;
}

export type DefinitionsFile =
  | { readonly kind: 'definitions'; readonly definitions: readonly FoundDefinition[] }
  | { readonly kind: 'issues'; readonly issues: readonly PlacedIssue[] };

const LANGUAGES = { json: 'json', yaml: 'yaml', yml: 'yaml' } as const;
const MODULE = /\.[cm]?[jt]s$/;

/** @throws CliError for a file that cannot be read, or is of none of these kinds */
export async function readDefinitions(path: string, disk: Disk): Promise<DefinitionsFile> {
  if (MODULE.test(path)) return fromModule(path, disk);
  const parsed = parseFile(path, disk, '.ts, .js, .json, .yaml or .yml');
  if (parsed.kind === 'issues') return parsed;
  return { kind: 'definitions', definitions: [parsed] };
}

/** What is in a JSON or YAML file, whatever it is. @throws CliError */
export function readDocument(path: string, disk: Pick<Disk, 'readFile'>): unknown {
  const parsed = parseFile(path, disk, '.json, .yaml or .yml');
  if (parsed.kind === 'document') return parsed.document;
  const [first] = parsed.issues;
  const line = first?.line === undefined ? '' : `:${first.line}`;
  throw new CliError(
    EXIT.notDone,
    oneLine(`${path}${line}: ${first?.message ?? 'is not readable'}`),
  );
}

/** @param endings those there could be, in words */
function parseFile(path: string, disk: Pick<Disk, 'readFile'>, endings: string): ParsedText {
  const ending = /\.(json|yaml|yml)$/.exec(path)?.[1] as keyof typeof LANGUAGES | undefined;
  if (ending === undefined) throw new CliError(EXIT.usage, `${path} must end in ${endings}`);
  return parseText(textOf(path, disk), LANGUAGES[ending]);
}

function textOf(path: string, disk: Pick<Disk, 'readFile'>): string {
  try {
    return disk.readFile(path);
  } catch (cause) {
    throw new CliError(EXIT.usage, (cause as Error).message, { cause });
  }
}

async function fromModule(path: string, disk: Disk): Promise<DefinitionsFile> {
  const exported = await disk.loadModule(path).catch((cause: unknown) => {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new CliError(EXIT.usage, oneLine(`${path} cannot be loaded: ${why}`), { cause });
  });
  const documents = [...new Set(exportsOf(exported))].filter(looksLikeDefinition);
  if (documents.length === 0)
    throw new CliError(EXIT.usage, `${path} exports no definition: defineWorkflow makes one`);
  return { kind: 'definitions', definitions: documents.map((document) => ({ document })) };
}

/** A CommonJS module comes with its exports inside the default one. */
function exportsOf(exported: object): unknown[] {
  return Object.entries(exported).flatMap(([name, value]: [string, unknown]) =>
    name === 'default' && isObject(value) && !looksLikeDefinition(value)
      ? Object.values(value)
      : [value],
  );
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const looksLikeDefinition = (value: unknown): boolean =>
  isObject(value) &&
  'name' in value &&
  typeof value.name === 'string' &&
  'tasks' in value &&
  Array.isArray(value.tasks);
