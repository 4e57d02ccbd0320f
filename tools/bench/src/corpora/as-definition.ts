/** A graph in the words of a definition. Ids of any form become ours; no two become the same. */
import type { Corpus } from './corpus-file.js';

/** What `PUT /definitions/{name}` takes. */
export interface DefinitionDocument {
  readonly name: string;
  readonly tasks: readonly {
    readonly id: string;
    readonly function: string;
    readonly dependsOn?: readonly string[];
    readonly input?: { readonly delayMs: number };
  }[];
}

const KEPT_CHARACTERS = 60;

/** What is left of the text in the characters of an id. */
const readable = (text: string) =>
  text.replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(0, KEPT_CHARACTERS);

/** The number in front makes it unique, and legal whatever follows. */
const taskIdOf = (original: string, index: number) => `${index}-${readable(original)}`;

/** Milliseconds of the longest task of a graph; the others keep their proportion to it. */
const LONGEST_MS = 5;

/** @throws Error when a task depends on one that is not there */
export function asDefinition({ tasks }: Corpus, name: string): DefinitionDocument {
  const ids = new Map(tasks.map(({ id }, index) => [id, taskIdOf(id, index)]));
  const ours = (id: string) => {
    const known = ids.get(id);
    if (known === undefined) throw new Error(`${name}: there is no task ${id}`);
    return known;
  };
  const longest = Math.max(1, ...tasks.map(({ durationMs = 0 }) => durationMs));
  return {
    name,
    tasks: tasks.map(({ id, dependsOn, durationMs = 0 }) => ({
      id: ours(id),
      function: 'A',
      ...(dependsOn.length > 0 ? { dependsOn: dependsOn.map(ours) } : {}),
      input: { delayMs: Math.round((LONGEST_MS * durationMs) / longest) },
    })),
  };
}

/** The file's name as a definition's. */
export const nameOf = (file: string): string => readable(file.replace(/\.json(\.gz)?$/, ''));
