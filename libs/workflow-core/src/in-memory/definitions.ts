/** Definitions in memory, by name, their revisions in order. */
import { canonicalJson } from '../canonical-json.js';
import type { Definition } from '../definition.js';
import type { Page, RevisionSummary } from '../repository.js';
import type { DefinitionRef } from '../workflow.js';

interface Stored {
  readonly definition: Definition;
  readonly createdAt: string;
}

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

export class Definitions {
  private readonly byName = new Map<string, readonly Stored[]>();

  put(definition: Definition, createdAt: string) {
    const revisions = this.revisionsOf(definition.name);
    const latest = revisions.at(-1);
    if (latest && canonicalJson(latest.definition) === canonicalJson(definition))
      return { revision: revisions.length, created: false };
    this.byName.set(definition.name, [...revisions, { definition, createdAt }]);
    return { revision: revisions.length + 1, created: true };
  }

  get({ name, revision }: DefinitionRef): Definition | undefined {
    return this.revisionsOf(name)[revision - 1]?.definition;
  }

  latest(name: string): RevisionSummary | undefined {
    return this.summariesOf(name).at(-1);
  }

  summary({ name, revision }: DefinitionRef): RevisionSummary | undefined {
    return this.summariesOf(name)[revision - 1];
  }

  list({ limit, cursor }: PageQuery): Page<RevisionSummary> {
    const summaries = [...this.byName.keys()].sort().flatMap((name) => this.latest(name) ?? []);
    const behind = summaries.filter(({ name }) => cursor === undefined || name > cursor);
    return pageOf(behind, limit, ({ name }) => name);
  }

  revisions({ name, limit, cursor }: PageQuery & { readonly name: string }): Page<RevisionSummary> {
    const behind = this.summariesOf(name)
      .toReversed()
      .filter(({ revision }) => cursor === undefined || revision < Number(cursor));
    return pageOf(behind, limit, ({ revision }) => String(revision));
  }

  private revisionsOf(name: string): readonly Stored[] {
    return this.byName.get(name) ?? [];
  }

  private summariesOf(name: string): RevisionSummary[] {
    return this.revisionsOf(name).map(
      ({ definition: { description, tasks }, createdAt }, index) => ({
        name,
        revision: index + 1,
        createdAt,
        ...(description === undefined ? {} : { description }),
        taskCount: tasks.length,
      }),
    );
  }
}

/** The first of `sorted`; the cursor is the key of the last of them. */
export function pageOf<Item>(
  sorted: readonly Item[],
  limit: number,
  keyOf: (item: Item) => string,
): Page<Item> {
  const items = sorted.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(sorted.length > limit && last ? { cursor: keyOf(last) } : {}) };
}
