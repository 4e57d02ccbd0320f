/** Schedules: each of their times starts one workflow at most, none of them too early, and one at a time where it says so. */
import type { Workflow } from '@orchestra/workflow-core';
import type { SchedulePlan } from '../world/scenario.js';
import { hasEnded } from './oracle.js';
import type { Rules, View, WorkflowChange } from './view.js';
import { expect } from './violation.js';

const MINUTE_MS = 60_000;

export class Timetables implements Rules {
  private readonly pausedAt = new Map<string, number>();

  constructor(
    private readonly view: View,
    private readonly plans: readonly SchedulePlan[],
    /** Where it is healthy: how long after its time a workflow may begin. */
    private readonly sweepEveryMs: number | undefined,
  ) {}

  paused = (name: string): void => void this.pausedAt.set(name, this.view.clock.now);

  readonly workflow = ({ before, after }: WorkflowChange): void => {
    if (before) return;
    for (const plan of this.plans) if (isOf(plan, after)) this.begins(plan, after);
  };

  readonly atRest = (): void => {
    if (this.sweepEveryMs === undefined) return;
    for (const plan of this.plans)
      if (plan.spec.overlap === 'allow') this.isComplete(plan, this.sweepEveryMs);
  };

  private begins(plan: SchedulePlan, { workflowId }: Workflow): void {
    const { clock, skewMs } = this.view;
    const all = this.workflowsOf(plan);
    const due = timesOf(plan, clock.now + skewMs);
    expect(
      all.length <= due.length,
      'SCHEDULE',
      `${workflowId} is the ${all.length}th of ${due.length} times`,
    );
    const time = timeIn(workflowId);
    expect(due.includes(time), 'SCHEDULE', `${workflowId} is of no time that has come`);
    const again = all.filter((each) => timeIn(each.workflowId) === time).length;
    expect(again === 1, 'SCHEDULE', `${workflowId} is started twice`);
    if (plan.spec.overlap === 'allow') return;
    const others = all.filter((each) => each.workflowId !== workflowId && !hasEnded(each));
    const names = others.map((each) => each.workflowId).join(', ');
    expect(others.length === 0, 'SCHEDULE', `${workflowId} begins while ${names} runs`);
  }

  private isComplete(plan: SchedulePlan, sweepEveryMs: number): void {
    const { name, spec } = plan;
    const pausedAt = this.pausedAt.get(name) ?? 0;
    const late = spec.missed === 'skip' ? 5 * MINUTE_MS : Infinity;
    const begun = Date.parse(spec.startAt ?? '');
    const due = timesOf(plan, pausedAt - 2 * sweepEveryMs - MINUTE_MS / 2);
    const started = new Set(this.workflowsOf(plan).map((each) => timeIn(each.workflowId)));
    const missing = due.filter((time) => !started.has(time) && time > begun - late);
    expect(missing.length === 0, 'SCHEDULE', `${name} leaves out ${missing.length} of its times`);
  }

  private workflowsOf = (plan: SchedulePlan): Workflow[] =>
    this.view.table
      .workflowIds()
      .flatMap((id) => this.view.table.workflow(id) ?? [])
      .filter((each) => isOf(plan, each));
}

const isOf = ({ name }: SchedulePlan, { tags = [] }: Workflow): boolean =>
  tags.includes(`schedule=${name}`);

/** Milliseconds since the epoch, of its times until then. */
function timesOf({ spec: { rate = '', startAt = '' } }: SchedulePlan, until: number): number[] {
  const [first, every] = [Date.parse(startAt), Number.parseInt(rate, 10) * MINUTE_MS];
  const count = Math.max(0, Math.floor((until - first) / every) + 1);
  return Array.from({ length: count }, (_, n) => first + n * every);
}

/** `s-20260131T120000Z` */
function timeIn(workflowId: string): number {
  const [, year, month, day, hour, minute, second] =
    /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(workflowId) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
