/**
 * Whether a page of workflows costs the same among 1,000 and among 100,000 of them, and whether all pages together hold
 * exactly those that were put in; and whether starting and reading one stays as it was.
 */
import { parseDefinition, type DefinitionRef } from '@orchestra/workflow-core';
import type { Bench, Verdict } from '../bench.js';
import { compare } from '../comparison.js';
import { machine } from '../report/machine.js';
import { writeFigures } from '../report/document.js';
import { rounded, tableOf } from '../report/table.js';
import { withStack, type Stack } from '../stack/open-stack.js';
import { apiCosts } from './api.js';
import { countedRepository, difference, pageCost, walk, type PageCost } from './pages.js';
import { fill } from './fill.js';
import { DEFINITIONS, TAG, matches, memberOf, type Filter, type Member } from './population.js';

const FEW = 1_000;
const MANY = 100_000;
const MOST = 1.3;
/** As many as 1,000 pages of 50 hold, and the same share of the few. */
const DEEP = 0.5;

interface Listing {
  readonly title: string;
  readonly filter: Filter;
  readonly isDeep?: true;
}

/** The same moments for both numbers, so that a span holds as many of the few as of the many. */
function listingsOf(members: readonly Member[]): readonly Listing[] {
  const from = members[200]?.createdAt as string;
  const to = members[700]?.createdAt as string;
  const [definition] = DEFINITIONS;
  return [
    { title: 'all', filter: {} },
    { title: 'all, half-way down', filter: {}, isDeep: true },
    { title: 'status SUCCESS', filter: { status: 'SUCCESS' } },
    { title: 'status FAILED', filter: { status: 'FAILED' } },
    { title: 'definition', filter: { definition } },
    { title: 'definition and status', filter: { definition, status: 'SUCCESS' } },
    { title: 'tag', filter: { tag: TAG } },
    { title: 'span of time', filter: { from, to } },
    { title: 'status and span', filter: { status: 'SUCCESS', from, to } },
    { title: 'tag and span', filter: { tag: TAG, from, to } },
  ];
}

interface Seen extends Listing {
  readonly cost: PageCost;
  /** What is wrong with all its pages together. */
  readonly wrong?: string;
}

export const listing: Bench = ({ seed, signal, sizes = [FEW, MANY], write }) =>
  withStack(signal, async (stack) => {
    const [few = FEW, many = MANY] = sizes;
    const firstAt = Date.now() - many * 1_000;
    const members = Array.from({ length: many }, (_, n) => memberOf(n, seed, firstAt));
    const refs = await storeDefinitions(stack);
    const counted = countedRepository(stack);
    const look = async (count: number) => {
      const present = members.slice(0, count);
      // First: the sample is a definition too, once it was started, and a page by status asks each.
      const api = await apiCosts(stack, `sample-${count}`);
      const seen: Seen[] = [];
      for (const each of listingsOf(members))
        seen.push(await see(stack, counted.repository, each, present));
      return { seen, api };
    };
    await fill(stack, members.slice(0, few), refs);
    const before = await look(few);
    console.log(`${few} workflows looked at`);
    const begun = performance.now();
    await fill(stack, members.slice(few), refs);
    console.log(`${many} are there after ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
    const after = await look(many);
    counted.client.destroy();
    const table = tableOfBoth(before, after, few, many);
    console.log(`\n${table}\n`);
    if (write) writeFigures('listing', `${machine()}; seed ${seed}.\n\n${table}`);
    return verdictsOf(before, after, few, many);
  });

type Look = { readonly seen: readonly Seen[]; readonly api: Awaited<ReturnType<typeof apiCosts>> };

async function storeDefinitions({
  repository,
}: Stack): Promise<ReadonlyMap<string, DefinitionRef>> {
  const refs = new Map<string, DefinitionRef>();
  for (const name of DEFINITIONS) {
    const definition = parseDefinition({ name, tasks: [{ id: 'only', function: 'A' }] });
    const { revision } = await repository.putDefinition(definition, new Date().toISOString());
    refs.set(name, { name, revision });
  }
  return refs;
}

/** The sample's own workflows, which starting left behind, are newer than all: they are no part of what was put in. */
async function see(
  stack: Stack,
  repository: Stack['repository'],
  each: Listing,
  present: readonly Member[],
): Promise<Seen> {
  const wanted = present.filter((member) => matches(member, each.filter)).toReversed();
  const { workflowIds, deepCursor } = await walk(
    repository,
    each.filter,
    each.isDeep ? Math.floor(present.length * DEEP) : undefined,
  );
  const wrong = difference(
    workflowIds.filter((id) => !id.startsWith('sample-')),
    wanted.map(({ workflowId }) => workflowId),
  );
  const cursor = each.isDeep && deepCursor !== undefined ? { cursor: deepCursor } : {};
  const cost = await pageCost(stack, repository, { ...each.filter, ...cursor });
  return { ...each, cost, ...(wrong === undefined ? {} : { wrong }) };
}

const rowsOf = (before: Look, after: Look) =>
  before.seen.map((few, at) => ({
    title: few.title,
    few: few.cost,
    many: after.seen[at]?.cost as PageCost,
  }));

function tableOfBoth(before: Look, after: Look, few: number, many: number): string {
  const pages = tableOf(rowsOf(before, after), [
    { title: 'A page of 50', of: ({ title }) => title },
    { title: `Requests of ${few}`, of: (row) => rounded(row.few.requests, 1) },
    { title: `of ${many}`, of: (row) => rounded(row.many.requests, 1) },
    { title: `Read units of ${few}`, of: (row) => rounded(row.few.readUnits, 1) },
    { title: `of ${many}`, of: (row) => rounded(row.many.readUnits, 1) },
    { title: `Milliseconds of ${few}`, of: (row) => rounded(row.few.milliseconds, 1) },
    { title: `of ${many}`, of: (row) => rounded(row.many.milliseconds, 1) },
  ]);
  const calls = tableOf(['start', 'get'] as const, [
    { title: 'Through the API, the sample', of: (call) => call },
    { title: `Requests of ${few}`, of: (call) => rounded(before.api[call].requests, 1) },
    { title: `of ${many}`, of: (call) => rounded(after.api[call].requests, 1) },
    { title: `Units of ${few}`, of: (call) => rounded(before.api[call].units, 1) },
    { title: `of ${many}`, of: (call) => rounded(after.api[call].units, 1) },
    { title: `Milliseconds of ${few}`, of: (call) => rounded(before.api[call].milliseconds, 1) },
    { title: `of ${many}`, of: (call) => rounded(after.api[call].milliseconds, 1) },
  ]);
  return `${pages}\n\n${calls}`;
}

function verdictsOf(before: Look, after: Look, few: number, many: number): readonly Verdict[] {
  const flat = (what: string, unit: string, one: number, other: number) =>
    // Hundredths, so that the line tells small numbers apart.
    compare({
      what: `${what}, of ${few} and of ${many}`,
      unit,
      before: one * 100,
      after: other * 100,
      atMost: MOST,
    });
  const pages = rowsOf(before, after).flatMap((row) => [
    flat(`100 pages of ${row.title}`, 'requests', row.few.requests, row.many.requests),
    flat(`100 pages of ${row.title}`, 'read units', row.few.readUnits, row.many.readUnits),
  ]);
  const calls = (['start', 'get'] as const).flatMap((call) => [
    flat(`100 times ${call}`, 'requests', before.api[call].requests, after.api[call].requests),
    flat(`100 times ${call}`, 'units', before.api[call].units, after.api[call].units),
  ]);
  const exact = [...before.seen, ...after.seen].map(({ title, wrong }) => ({
    line: `every page of ${title}: ${wrong ?? 'exactly those put in'}`,
    holds: wrong === undefined,
  }));
  return [...pages, ...calls, ...exact];
}
