/** What operators order while a workflow runs: a pause, and what becomes of a task. */
import type { AskedOverride, Task, Workflow } from '@orchestra/workflow-core';
import type { Writer } from '../world/table.js';
import { isHeldOn } from './claims.js';
import type { Rules, TaskChange, View } from './view.js';
import { expect } from './violation.js';

/** What an invocation saw of META when it looked last. */
interface Look {
  readonly at: number;
  readonly isPaused: boolean;
}

export class Orders implements Rules {
  private readonly looks = new Map<string, Look>();
  /** By task: when it last became READY. */
  private readonly readyAt = new Map<string, number>();
  private readonly orders = new Map<string, AskedOverride[]>();

  constructor(private readonly view: View) {}

  /** Somebody reads META. */
  looked(by: Writer, workflow: Workflow): void {
    const look = { at: this.view.changes, isPaused: isPaused(workflow) };
    this.looks.set(`${by.id} ${workflow.workflowId}`, look);
  }

  /** An operator begins to ask for it. */
  ordered(workflowId: string, order: AskedOverride): void {
    const name = `${workflowId} ${order.taskId}`;
    this.orders.set(name, [...(this.orders.get(name) ?? []), order]);
  }

  readonly task = (change: TaskChange): void => {
    const { name, after } = change;
    if (after.status === 'READY') this.readyAt.set(name, this.view.changes);
    if (after.status === 'RUNNING' && !isHeldOn(change)) this.claimed(change);
    if (after.reason === 'OPERATOR') this.overridden(change);
  };

  /** Whoever claims has looked since it became READY, and saw no pause. */
  private claimed({ name, after, by }: TaskChange): void {
    const look = this.looks.get(`${by.id} ${after.workflowId}`);
    const ready = this.readyAt.get(name) ?? 0;
    expect(look !== undefined && look.at >= ready, 'CONTROL', `${name} is claimed without a look`);
    expect(!look.isPaused, 'CONTROL', `${name} is claimed although its workflow is paused`);
  }

  private overridden({ name, before, after }: TaskChange): void {
    const isRun = before?.status === 'RUNNING' && before.epoch === after.epoch;
    const isHeld = isRun && before.suspendedAt === undefined;
    expect(!isHeld, 'CONTROL', `${name} is taken from the worker that runs it`);
    const wasCalled = this.view.executed.has(`${name} attempt ${after.attempt}`);
    const isNew = before?.epoch !== after.epoch;
    expect(isNew || !wasCalled, 'CONTROL', `${name} was executed, and is ${after.status} by order`);
    const kind = after.status === 'SKIPPED' ? 'skip' : 'output';
    const orders = this.orders.get(name) ?? [];
    const order = orders.find((each) => each.kind === kind && this.isOf(each, after));
    expect(order !== undefined, 'CONTROL', `${name} is ${after.status} by nobody's order`);
  }

  private isOf(order: AskedOverride, { workflowId, output }: Task): boolean {
    if (order.kind !== 'output') return true;
    const value = output && this.view.valueOf(workflowId, output);
    return JSON.stringify(value) === JSON.stringify(order.output);
  }
}

/** The last word of its present epoch. */
const isPaused = ({ controls = [], epoch }: Workflow): boolean =>
  controls.filter((each) => each.epoch === epoch).at(-1)?.kind === 'pause';
