/**
 * The workflows with a tag. An entry of the tag's partition holds only what never changes, so META is read for the rest; it
 * also tells whether the entry counts: one that a start left behind that did not come to pass, or came second, does not.
 */
import type { Page, WorkflowQuery, WorkflowSummary } from '../repository.js';
import { toSummary, toWorkflow, type Item } from './items.js';
import { metaKey, tagPk, workflowIdOf } from './keys.js';
import { entriesOf, sortKeyOf, spanOf, type IndexStore } from './listing.js';
import { readItems } from './reading.js';

/** What one call reads at most: so many times its page, twice over. */
const ROUNDS = 4;

export async function listTagged(
  store: IndexStore,
  tag: string,
  query: WorkflowQuery,
): Promise<Page<WorkflowSummary>> {
  const { limit } = query;
  // Of a status many entries may not be; of the rest nearly all are what they say.
  const count = query.status === undefined ? limit + 1 : 2 * limit;
  const found: Item[] = [];
  let { cursor } = query;
  for (let round = 0; round < ROUNDS && found.length < limit; round += 1) {
    const entries = await entriesOf(store, 'list', tagPk(tag), count, spanOf({ ...query, cursor }));
    found.push(...(await matching(store, entries, tag, query)));
    const last = entries.at(-1);
    if (!last || entries.length < count) {
      cursor = undefined;
      break;
    }
    cursor = sortKeyOf(last);
  }
  return pageOf(found, limit, cursor);
}

/** @param behind where reading went no further; absent: there is no more */
function pageOf(
  found: readonly Item[],
  limit: number,
  behind: string | undefined,
): Page<WorkflowSummary> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const cursor = found.length > limit && last ? sortKeyOf(last) : behind;
  return { items: items.map(toSummary), ...(cursor === undefined ? {} : { cursor }) };
}

/** META of those entries that count and match, in their order. */
async function matching(
  store: IndexStore,
  entries: readonly Item[],
  tag: string,
  { status, definition }: WorkflowQuery,
): Promise<Item[]> {
  const named = entries.filter(
    (entry) => definition === undefined || entry['definition']?.S === definition,
  );
  const ids = new Set(named.map((entry) => workflowIdOf(entry['pk']?.S ?? '')));
  const metas = await readItems(store, [...ids].map(metaKey), { consistent: false });
  const bySortKey = new Map(metas.map((meta) => [sortKeyOf(meta), meta]));
  return named.flatMap((entry) => {
    const meta = bySortKey.get(sortKeyOf(entry));
    if (!meta) return [];
    const workflow = toWorkflow(meta);
    const matches = status === undefined || workflow.status === status;
    return matches && workflow.tags?.includes(tag) ? [meta] : [];
  });
}
