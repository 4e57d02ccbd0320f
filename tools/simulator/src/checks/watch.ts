/** Watches a run: every change of an item and every execution, at its moment. Throws at the first that is wrong. */
import type {
  AnswerAnswer,
  AskedOverride,
  Task,
  TaskPayload,
  Workflow,
} from '@orchestra/workflow-core';
import type { SchedulePlan } from '../world/scenario.js';
import {
  NEWER_ATTRIBUTE,
  isMeta,
  keysOf,
  taskOf,
  workflowOf,
  type ItemChange,
  type Writer,
} from '../world/table.js';
import type { Answer } from '../world/tasks.js';
import { Callbacks } from './callbacks.js';
import { Children } from './children.js';
import { Claims } from './claims.js';
import { Functions } from './functions.js';
import { Lines } from './lines.js';
import { Maps } from './maps.js';
import { failsFast, itemOf } from './oracle.js';
import { Orders } from './orders.js';
import { Outcomes } from './outcomes.js';
import { Timetables } from './timetables.js';
import type { Rules, View } from './view.js';
import { Violation, expect } from './violation.js';
import { Used } from './used.js';
import { Waits } from './waits.js';
import { Workflows } from './workflows.js';

export interface WatchOptions {
  readonly view: View;
  readonly schedules: readonly SchedulePlan[];
  readonly isHealthy: boolean;
  /** Nothing fails that a look at a line or a start meets. */
  readonly isQuiet: boolean;
  readonly sweepEveryMs: number;
  readonly taskLimits: Readonly<Record<string, number>>;
  /** No clock is wrong, and no call slow. */
  readonly isOnTime: boolean;
}

export class Watch {
  readonly view: View;
  readonly used = new Used();
  private readonly claims: Claims;
  private readonly workflows: Workflows;
  private readonly callbacks: Callbacks;
  private readonly lines: Lines;
  private readonly orders: Orders;
  private readonly timetables: Timetables;
  private readonly functions: Functions;
  private readonly rules: readonly Rules[];

  constructor(options: WatchOptions) {
    const { view, schedules, isHealthy, isQuiet, sweepEveryMs } = options;
    const punctual = isHealthy ? sweepEveryMs : undefined;
    this.view = view;
    this.claims = new Claims(view);
    this.workflows = new Workflows(view);
    this.callbacks = new Callbacks(view);
    this.lines = new Lines(view, isQuiet);
    this.orders = new Orders(view);
    this.timetables = new Timetables(view, schedules, punctual);
    this.functions = new Functions(view, options.taskLimits, options.isOnTime);
    this.rules = [
      ...[this.workflows, this.claims, new Outcomes(view), new Maps(view), this.callbacks],
      ...[new Waits(view, punctual), new Children(view), this.lines, this.orders],
      ...[this.timetables, this.used],
    ];
  }

  change({ key, before, after, by }: ItemChange): void {
    this.view.changes += 1;
    const [was, is] = [Number(before?.['version']?.N ?? 0), Number(after['version']?.N)];
    expect(is === was + 1, 'I15', `${key} goes from version ${was} to ${is}`);
    if (before?.[NEWER_ATTRIBUTE])
      expect(after[NEWER_ATTRIBUTE]?.S !== undefined, 'EXTRA-ATTRIBUTE', `${key} lost it`);
    if (isMeta(after)) this.workflowChange(before && workflowOf(before), workflowOf(after));
    else this.taskChange(key, before && taskOf(before), taskOf(after), by);
  }

  /** A function is called. */
  execution = (payload: TaskPayload): void => this.claims.execution(payload);

  /** Somebody reads META. */
  looked = (by: Writer, workflow: Workflow): void => this.orders.looked(by, workflow);

  /** An operator begins to ask for it. */
  ordered = (workflowId: string, order: AskedOverride): void =>
    this.orders.ordered(workflowId, order);

  startAsked = (workflowId: string): void => this.lines.startAsked(workflowId);
  startAnswered = (workflowId: string): void => this.lines.startAnswered(workflowId);

  answerTold = (answer: Answer, kind: AnswerAnswer['kind']): void =>
    this.callbacks.answerTold(answer, kind);

  /** A schedule has no times any more. */
  paused = (schedule: string): void => this.timetables.paused(schedule);

  /** It takes so long. */
  called = (functionName: string, { workflowId, taskId }: TaskPayload, ms: number): void =>
    this.functions.called(functionName, `${workflowId} ${taskId}`, ms);

  cancelAnswered = (workflowId: string, epoch: number): void =>
    this.workflows.cancelAnswered(workflowId, epoch);

  /** The pass over this task's record is done. */
  decided({ workflowId, epoch, definition, taskId }: Task): void {
    const { view } = this;
    const workflow = view.table.workflow(workflowId);
    if (workflow?.status !== 'RUNNING' || workflow.epoch !== epoch) return;
    const item = view.table.task(workflowId, taskId);
    if (item && failsFast(view.graphOf(definition), [item]))
      view.failedFast.add(`${workflowId} ${epoch}`);
  }

  atRest(): void {
    for (const { atRest } of this.rules) atRest?.();
  }

  private workflowChange(before: Workflow | undefined, after: Workflow): void {
    const graph = this.view.graphOf(after.definition);
    for (const { workflow } of this.rules) workflow?.({ before, after, graph });
  }

  private taskChange(key: string, before: Task | undefined, after: Task, by: Writer): void {
    const { workflowId, taskId } = after;
    const name = `${workflowId} ${taskId}`;
    const workflow = this.view.table.workflow(workflowId);
    if (!workflow) throw new Violation('I16', `${name} has an item without a workflow`);
    const graph = this.view.graphOf(after.definition);
    const known = graph.tasks.has(itemOf(taskId)?.map ?? taskId);
    expect(known && keysOf(workflowId, [taskId]).has(key), 'I16', `the item ${key}`);
    const tasks = () => this.view.table.tasks(workflowId);
    const change = { name, before, after, workflow, graph, by, tasks };
    for (const { task } of this.rules) task?.(change);
  }
}
