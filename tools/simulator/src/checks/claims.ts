/** What every task's item may do: begin, be claimed, be tried again, and end once. */
import {
  LIMITS,
  type Graph,
  type Task,
  type TaskPayload,
  type Workflow,
} from '@orchestra/workflow-core';
import { conditionOf } from './expressions.js';
import { checkInput } from './inputs.js';
import { definitionOf, failsFast, isOver, itemOf, counts } from './oracle.js';
import { verdictOn } from './verdict.js';
import type { Rules, TaskChange, View } from './view.js';
import { Violation, expect } from './violation.js';

/** Besides those that only an operator makes. */
const MOVES: Record<string, readonly string[]> = {
  none: ['READY', 'SKIPPED'],
  READY: ['RUNNING', 'CANCELLED', 'READY'],
  RUNNING: ['SUCCEEDED', 'FAILED', 'SKIPPED', 'READY', 'CANCELLED'],
};
const OVERRIDES = ['SKIPPED', 'SUCCEEDED'];

/** Suspended, or what is suspended waits on: held under the same claim. */
export const isHeldOn = ({ before, after }: Pick<TaskChange, 'before' | 'after'>): boolean =>
  before?.status === 'RUNNING' &&
  after.status === 'RUNNING' &&
  before.epoch === after.epoch &&
  before.claimId === after.claimId;

export class Claims implements Rules {
  /** The highest attempt that was claimed: numbers that nobody used may be given again. */
  private readonly lastClaimed = new Map<string, number>();
  private readonly claimsInEpoch = new Map<string, number>();

  constructor(private readonly view: View) {}

  readonly task = (change: TaskChange): void => {
    const { name, before, after, workflow } = change;
    const { status, epoch, attempt } = after;
    const { log } = this.view;
    log.set(name, [...(log.get(name) ?? []), { status, attempt, epoch }]);
    const claimed = this.lastClaimed.get(name) ?? 0;
    expect(attempt >= claimed, 'I12', `${name} goes back from attempt ${claimed} to ${attempt}`);
    if (before && epoch !== before.epoch) this.overwritten(change, before);
    else this.moved(change);
    if (status === 'RUNNING' && !isHeldOn(change)) this.claimed(change);
    else if (status === 'SKIPPED' && after.reason !== 'OPERATOR')
      if (before?.status === 'RUNNING') this.conditionFalse(change);
      else this.skipped(change);
    else if (status === 'READY' && before?.epoch !== epoch) this.begun(name, workflow, after);
  };

  /** A function is called. */
  execution(payload: TaskPayload): void {
    const { workflowId, taskId, attempt } = payload;
    const { view } = this;
    const name = `${workflowId} ${taskId} attempt ${attempt}`;
    expect(!view.executed.has(name), 'I03', `${name} is executed twice`);
    view.executed.add(name);
    expect(view.claims.has(name), 'I02', `${name} is executed without a claim`);
    const item = view.table.task(workflowId, taskId);
    const workflow = view.table.workflow(workflowId);
    // Somebody slow, whose claim is lost: what it read was true then.
    if (item?.status !== 'RUNNING' || item.attempt !== attempt) return;
    expect(item.suspendedAt === undefined, 'I02', `${name} is executed while it only waits`);
    if (item.epoch !== workflow?.epoch) return;
    checkInput(view, payload, name, workflow);
  }

  private overwritten({ name, workflow, after }: TaskChange, before: Task): void {
    expect(after.epoch > before.epoch, 'I05', `${name} goes back to epoch ${after.epoch}`);
    expect(after.epoch <= workflow.epoch, 'I05', `${name} is of an epoch that nobody began`);
    expect(before.status !== 'RUNNING', 'I02', `${name} is begun again while it runs`);
    if (after.epoch === workflow.epoch)
      expect(!this.isKept(workflow, before), 'KEEP', `${name} runs again`);
    const begins = after.reason === 'OPERATOR' ? OVERRIDES : ['READY', 'SKIPPED'];
    expect(begins.includes(after.status), 'I05', `${name} begins ${after.status}`);
  }

  private isKept(workflow: Workflow, task: Task): boolean {
    const { view } = this;
    const graph = view.graphOf(workflow.definition);
    return counts(graph, workflow, task, (id) => view.table.task(workflow.workflowId, id));
  }

  private moved({ name, before, after }: TaskChange): void {
    if (before && isOver(before)) {
      const invariant = before.status === after.status ? 'I06' : 'I05';
      throw new Violation(invariant, `${name}, ${before.status}, becomes ${after.status}`);
    }
    if (isHeldOn({ before, after })) return;
    if (after.reason === 'OPERATOR') return;
    const moves = MOVES[before?.status ?? 'none'] ?? [];
    const invariant = after.status === 'RUNNING' ? 'I02' : 'I04';
    // Put off, it is the same attempt.
    const isOther = before?.status !== 'READY' || before.attempt === after.attempt;
    expect(
      moves.includes(after.status) && (after.status !== 'READY' || isOther),
      invariant,
      `${name} goes from ${before?.status ?? 'nothing'} to ${after.status}`,
    );
  }

  private begun(name: string, { status, epoch }: Workflow, task: Task): void {
    if (status !== 'RUNNING' || epoch !== task.epoch) return;
    // A hook is what is left to do then.
    if (this.view.graphOf(task.definition).hooks.has(task.taskId)) return;
    const isLate = this.view.failedFast.has(`${task.workflowId} ${epoch}`);
    expect(!isLate, 'FAIL-FAST', `${name} is started after its workflow has failed fast`);
  }

  private conditionFalse({ name, workflow, graph, after: task }: TaskChange): void {
    const { view } = this;
    expect(task.reason === 'CONDITION_FALSE', 'I04', `${name} ran and is skipped: ${task.reason}`);
    expect(!view.wasCancelled(task), 'I18', `${name} is skipped after the cancel was answered`);
    const wasCalled = view.executed.has(`${name} attempt ${task.attempt}`);
    expect(!wasCalled, 'CONDITION', `${name} is called and skipped`);
    if (workflow.epoch !== task.epoch) return;
    const condition = conditionOf(graph, view.counting(graph, workflow), task.taskId);
    const holds = condition === 'broken' || (condition !== 'unsure' && condition.value);
    expect(!holds, 'CONDITION', `${name} is skipped for a condition that is not false`);
  }

  private claimed({ name, workflow, graph, after: task }: TaskChange): void {
    const { view } = this;
    const { epoch, attempt, claimId = '' } = task;
    const claim = `${name} attempt ${attempt}`;
    expect(!view.claims.has(claim), 'I02', `${claim} is claimed twice`);
    view.claims.set(claim, claimId);
    this.lastClaimed.set(name, attempt);
    expect(!view.wasCancelled(task), 'I18', `${claim} is claimed after the cancel was answered`);
    expect(epoch === workflow.epoch, 'I18', `${claim} is claimed in epoch ${epoch}, which is over`);
    const verdict = verdictOn(graph, view.counting(graph, workflow), task.taskId, false);
    const theme = graph.hooks.has(task.taskId) ? 'HOOK' : itemOf(task.taskId) ? 'MAP' : 'I01';
    expect(verdict === 'run', theme, `${claim} starts when its rule says ${verdict}`);
    this.counted(name, graph, task);
  }

  private counted(name: string, graph: Graph, { taskId, epoch }: Task): void {
    const inEpoch = `${name} epoch ${epoch}`;
    const claims = (this.claimsInEpoch.get(inEpoch) ?? 0) + 1;
    this.claimsInEpoch.set(inEpoch, claims);
    const { retry, onLostWorker } = definitionOf(graph, taskId) ?? {};
    const reruns = onLostWorker === 'fail' ? 0 : LIMITS.lostWorkerReruns;
    expect(claims <= 1 + (retry?.maxAttempts ?? 0) + reruns, 'I12', `${inEpoch}: ${claims} claims`);
  }

  private skipped({ name, workflow, graph, after: task }: TaskChange): void {
    if (workflow.status !== 'RUNNING' || workflow.epoch !== task.epoch) return;
    const items = this.view.counting(graph, workflow);
    const { reason = '', taskId } = task;
    if (reason === 'FAIL_FAST')
      return expect(
        failsFast(graph, items.values()) && !graph.hooks.has(taskId),
        'FAIL-FAST',
        `${name} is skipped for a failure that there is not`,
      );
    const isFast = graph.definition.failFast === true;
    expect(
      !isFast || reason !== 'UPSTREAM_FAILED',
      'FAIL-FAST',
      `${name} is skipped for its upstream only`,
    );
    const verdict = verdictOn(graph, items, taskId, true);
    const theme = graph.hooks.has(taskId) ? 'HOOK' : itemOf(taskId) ? 'MAP' : 'I01';
    // Decided in one plan with the skip of a task above, which an operator skipped for their own reason at that moment.
    const isBesideAnOrder =
      verdict !== 'run' &&
      verdict !== 'wait' &&
      (graph.upstream.get(taskId) ?? []).some((up) => items.get(up)?.reason === 'OPERATOR');
    expect(
      verdict === reason || isBesideAnOrder,
      theme,
      `${name} is skipped (${reason}) when its rule says ${verdict}`,
    );
  }
}
