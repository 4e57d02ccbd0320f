/** The sparse index of due workflows: it follows META after a lag, item by item in order. */
import type { DueWorkflow, Page } from '@orchestra/workflow-core';
import type { Item } from '@orchestra/workflow-core/dynamodb';
import type { Faults } from './faults.js';
import type { Kernel } from './kernel.js';
import { workflowOf } from './table.js';

const USUAL_LAG_MS = 20;
const LONGEST_LAG_MS = 180_000;

interface Entry {
  readonly version: number;
  readonly shard: string;
  readonly nextCheckAt: string | undefined;
}

export class DueIndex {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly kernel: Kernel,
    private readonly faults: Faults,
  ) {}

  follow(meta: Item): void {
    const { workflowId, version, nextCheckAt } = workflowOf(meta);
    const entry = { version, shard: meta['due']?.S ?? '', nextCheckAt };
    const { random } = this.kernel;
    const lag = random.below(this.faults.strikes('staleIndex') ? LONGEST_LAG_MS : USUAL_LAG_MS);
    this.kernel.later(lag, () => {
      if ((this.entries.get(workflowId)?.version ?? 0) < version)
        this.entries.set(workflowId, entry);
    });
  }

  list(query: { shard: number; at: string; limit: number; cursor?: string }): Page<DueWorkflow> {
    const due = [...this.entries]
      .flatMap(([workflowId, { shard, nextCheckAt }]) =>
        shard === `DUE#${query.shard}` && nextCheckAt !== undefined && nextCheckAt <= query.at
          ? [{ workflowId, nextCheckAt }]
          : [],
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

const keyOf = ({ nextCheckAt, workflowId }: DueWorkflow) => `${nextCheckAt}#${workflowId}`;
