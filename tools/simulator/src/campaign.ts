/** Many seeds, one after another, and what came of them. */
import { simulate, type Report } from './simulate.js';

export interface Campaign {
  seeds: number;
  steps: number;
  workflows: number;
  faults: Record<string, number>;
  used: Record<string, number>;
  repairs: number;
  mixes: Record<string, number>;
  readonly broken: Report[];
}

export const emptyCampaign = (): Campaign => ({
  seeds: 0,
  steps: 0,
  workflows: 0,
  faults: {},
  used: {},
  repairs: 0,
  mixes: {},
  broken: [],
});

/** @param goesOn asked before each seed */
export async function run(
  { from, stride }: { readonly from: number; readonly stride: number },
  goesOn: (done: number) => boolean,
): Promise<Campaign> {
  const campaign = emptyCampaign();
  for (let seed = from; goesOn(campaign.seeds); seed += stride)
    add(campaign, await simulate({ seed }));
  return campaign;
}

function add(campaign: Campaign, report: Report): void {
  campaign.seeds += 1;
  campaign.steps += report.steps;
  campaign.workflows += report.workflows;
  campaign.repairs += report.repairs;
  campaign.mixes[report.mix] = (campaign.mixes[report.mix] ?? 0) + 1;
  for (const name of ['faults', 'used'] as const) merge(campaign[name], report[name]);
  if (report.broken) campaign.broken.push(report);
}

export function sum(campaigns: readonly Campaign[]): Campaign {
  const total = emptyCampaign();
  for (const each of campaigns) {
    total.seeds += each.seeds;
    total.steps += each.steps;
    total.workflows += each.workflows;
    total.repairs += each.repairs;
    for (const name of ['mixes', 'faults', 'used'] as const) merge(total[name], each[name]);
    total.broken.push(...each.broken);
  }
  return total;
}

function merge(total: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) total[key] = (total[key] ?? 0) + count;
}

/** For a person: what ran, and what broke first. */
export function* describe(campaign: Campaign, seconds: number): Generator<string> {
  const { seeds, steps, workflows, repairs, broken } = campaign;
  yield `${seeds} seeds in ${seconds.toFixed(0)} s: ${workflows} workflows, ${steps} steps, ${repairs} repairs by the sweep`;
  yield `runs: ${listed(campaign.mixes)}`;
  yield `faults: ${listed(campaign.faults)}`;
  yield `features: ${listed(campaign.used)}`;
  yield broken.length === 0
    ? 'no invariant was broken'
    : `${broken.length} seeds broke an invariant:`;
  for (const [invariant, reports] of groups(broken)) {
    yield `${invariant}: ${reports.length} seeds, such as ${reports
      .slice(0, 5)
      .map(({ seed }) => seed)
      .join(', ')}`;
    yield `  ${reports[0]?.broken?.message}`;
    yield `  nx run simulator:simulate --seed=${reports[0]?.seed}`;
  }
}

const listed = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

function groups(broken: readonly Report[]): Map<string, Report[]> {
  const byName = new Map<string, Report[]>();
  for (const report of broken) {
    const name = report.broken?.invariant ?? '';
    byName.set(name, [...(byName.get(name) ?? []), report]);
  }
  return byName;
}
