/** The sparse index of what is due: it follows workflows and schedules after a lag, item by item in order. */
import type { DueSchedule, DueWorkflow, Page } from '@orchestra/workflow-core';
import type { Item } from '@orchestra/workflow-core/dynamodb';
import type { Faults } from './faults.js';
import type { Kernel } from './kernel.js';
import { workflowOf } from './table.js';

const USUAL_LAG_MS = 20;
const LONGEST_LAG_MS = 180_000;
const SHARD_OF_SCHEDULES = 'DUE#0';

type Due = DueWorkflow | DueSchedule;

interface Entry {
  readonly order: number;
  readonly shard: string;
  /** Absent: it is not due. */
  readonly due?: Due;
}

export class DueIndex {
  private readonly entries = new Map<string, Entry>();
  private readonly schedules = new Map<string, string>();
  private orders = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly faults: Faults,
  ) {}

  follow(meta: Item): void {
    const { workflowId, nextCheckAt } = workflowOf(meta);
    const due = nextCheckAt === undefined ? {} : { due: { workflowId, nextCheckAt } };
    this.take(workflowId, { shard: meta['due']?.S ?? '', ...due });
  }

  /** @param due all of those that are */
  followSchedules(due: readonly DueSchedule[]): void {
    const now = new Map(due.map((each) => [each.schedule, each]));
    for (const name of new Set([...now.keys(), ...this.schedules.keys()])) {
      const next = now.get(name);
      if ((next?.nextCheckAt ?? '') === this.schedules.get(name)) continue;
      this.schedules.set(name, next?.nextCheckAt ?? '');
      this.take(`schedule ${name}`, { shard: SHARD_OF_SCHEDULES, ...(next ? { due: next } : {}) });
    }
  }

  private take(key: string, entry: Omit<Entry, 'order'>): void {
    const order = (this.orders += 1);
    const { random } = this.kernel;
    const lag = random.below(this.faults.strikes('staleIndex') ? LONGEST_LAG_MS : USUAL_LAG_MS);
    this.kernel.later(lag, () => {
      if ((this.entries.get(key)?.order ?? 0) < order) this.entries.set(key, { ...entry, order });
    });
  }

  list(query: { shard: number; at: string; limit: number; cursor?: string }): Page<Due> {
    const due = [...this.entries.values()]
      .flatMap(({ shard, due: each }) =>
        shard === `DUE#${query.shard}` && each && each.nextCheckAt <= query.at ? [each] : [],
      )
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      .filter((item) => query.cursor === undefined || keyOf(item) > query.cursor);
    const last = due[query.limit - 1];
    return {
      items: due.slice(0, query.limit),
      ...(due.length > query.limit && last ? { cursor: keyOf(last) } : {}),
    };
  }
}

const keyOf = (due: Due) =>
  `${due.nextCheckAt}#${'schedule' in due ? due.schedule : due.workflowId}`;
