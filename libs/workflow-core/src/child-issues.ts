/**
 * What is wrong with the workflows that a definition's tasks run: one that is not there, or a way back to the definition itself.
 * Pure, but for looking definitions up. What two people store at the same moment is seen by neither: `LIMITS.workflowDepth` holds then.
 */
import type { Definition } from './definition.js';
import type { Issue } from './errors.js';
import { placedTasks } from './task-kinds.js';
import type { DefinitionRef } from './workflow.js';

/** The newest one without a revision. */
type Asked = Pick<DefinitionRef, 'name'> & { readonly revision?: number | undefined };

/** A stored definition; undefined: there is none. */
export type DefinitionLookup = (
  asked: Asked,
) => Promise<{ readonly revision: number; readonly definition: Definition } | undefined>;

/** One that is looked up, once for each walk, by its revision. */
interface Found {
  readonly key: string;
  readonly definition: Definition;
}

/** @param definition about to become the newest of its name */
export async function childIssues(
  definition: Definition,
  lookup: DefinitionLookup,
): Promise<Issue[]> {
  const find = finder(definition, lookup);
  const issues: Issue[] = [];
  for (const { path, asked } of asksOf(definition)) {
    const child = await find(asked);
    if (!child) {
      issues.push({ path: `${path}.workflow`, message: notFound(asked) });
      continue;
    }
    const way = await wayBack(child, find);
    if (way)
      issues.push({
        path: `${path}.workflow`,
        message: `a workflow would run itself: ${[definition.name, ...way].join(' -> ')}`,
      });
  }
  return issues;
}

const asksOf = (definition: Definition): { path: string; asked: Asked }[] =>
  placedTasks(definition).flatMap(({ path, task: { workflow } }) =>
    workflow ? [{ path, asked: workflow }] : [],
  );

const notFound = ({ name, revision }: Asked) =>
  revision === undefined
    ? `there is no definition "${name}"`
    : `there is no revision ${revision} of a definition "${name}"`;

const ITSELF = '';

type Find = (asked: Asked) => Promise<Found | undefined>;

function finder(definition: Definition, lookup: DefinitionLookup): Find {
  const known = new Map<string, Promise<Found | undefined>>();
  return ({ name, revision }) => {
    if (name === definition.name && revision === undefined)
      return Promise.resolve({ key: ITSELF, definition });
    const asked = `${name}@${revision ?? ''}`;
    const found =
      known.get(asked) ??
      lookup({ name, revision }).then(
        (stored) => stored && { key: `${name}@${stored.revision}`, definition: stored.definition },
      );
    known.set(asked, found);
    return found;
  };
}

/** The names from a definition on to the one that is about to be stored; each definition is looked at once. */
async function wayBack(from: Found, find: Find): Promise<readonly string[] | undefined> {
  const seen = new Set([from.key]);
  const open = [{ found: from, way: [from.definition.name] }];
  for (const { found, way } of open) {
    if (found.key === ITSELF) return way;
    for (const { asked } of asksOf(found.definition)) {
      const next = await find(asked);
      if (!next || seen.has(next.key)) continue;
      seen.add(next.key);
      open.push({ found: next, way: [...way, next.definition.name] });
    }
  }
  return undefined;
}
