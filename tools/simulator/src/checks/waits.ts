/** Tasks that wait for a moment: none ends before it, and where nothing goes wrong it ends soon after. */
import type { TaskDefinition } from '@orchestra/workflow-core';
import { definitionOf, isMap } from './oracle.js';
import type { Rules, TaskChange, View } from './view.js';
import { expect } from './violation.js';

/** What a sweep takes to see it, and the passes of four shards. */
const SLACK_MS = 10_000;

export class Waits implements Rules {
  /** By task and epoch: when it could begin first. */
  private readonly begun = new Map<string, number>();

  constructor(
    private readonly view: View,
    /** Where it is healthy: how long after its time it may end. */
    private readonly sweepEveryMs: number | undefined,
  ) {}

  readonly task = ({ name, before, after, graph }: TaskChange): void => {
    const { taskId, status, epoch, reason } = after;
    const { wait } = definitionOf(graph, taskId) ?? {};
    if (!wait || isMap(graph, taskId)) return;
    const { now } = this.view.clock;
    const key = `${name} ${epoch}`;
    if (status === 'READY' && !this.begun.has(key)) this.begun.set(key, now);
    if (status !== 'SUCCEEDED' || reason === 'OPERATOR') return;
    const due = dueOf(wait, this.begun.get(key) ?? now);
    const early = due - now;
    // Two clocks: of whoever began the wait, and of whoever ends it.
    expect(early <= 2 * this.view.skewMs, 'WAIT', `${name} ends ${early} ms before its time`);
    const wakeAt = Date.parse(before?.wakeAt ?? '');
    if (this.sweepEveryMs === undefined || Number.isNaN(wakeAt)) return;
    const late = now - wakeAt;
    const most = this.sweepEveryMs + SLACK_MS;
    expect(late <= most, 'WAIT', `${name} ends ${late} ms after its time`);
  };
}

type Wait = NonNullable<TaskDefinition['wait']>;

const dueOf = (wait: Wait, begun: number): number =>
  'seconds' in wait ? begun + wait.seconds * 1000 : Date.parse(wait.until);
