/** Workflows that run for a task: one at a time, it ends as they do, and none goes on once its parent is stopped. */
import type { Graph, Task, Workflow } from '@orchestra/workflow-core';
import { isHeldOn } from './claims.js';
import { outputOf } from './expressions.js';
import { hasEnded, isOver } from './oracle.js';
import { isSame } from './same.js';
import type { Rules, TaskChange, View, WorkflowChange } from './view.js';
import { expect } from './violation.js';

const DEEPEST = 8;

export class Children implements Rules {
  /** By workflow: when it last began, and when it last ended. */
  private readonly begunAt = new Map<string, number>();
  private readonly endedAt = new Map<string, number>();

  constructor(private readonly view: View) {}

  readonly workflow = ({ before, after }: WorkflowChange): void => {
    const isBegun = !hasEnded(after) && (!before || hasEnded(before));
    if (isBegun) this.begunAt.set(after.workflowId, this.view.changes);
    else if (hasEnded(after) && before && !hasEnded(before))
      this.endedAt.set(after.workflowId, this.view.changes);
    if (after.parent && isBegun) this.begins(after);
    if (before && isStopped(after) && after.nextCheckAt === undefined) this.isAlone(after);
  };

  readonly task = (change: TaskChange): void => {
    const { name, before, after, workflow } = change;
    if (after.status === 'RUNNING' && !isHeldOn(change)) this.isWanted(name, workflow);
    if (before?.status !== 'RUNNING' || before.child === undefined) return;
    if (before.suspendedAt === undefined || before.epoch !== after.epoch) return;
    if (after.status !== 'SUCCEEDED' && after.status !== 'FAILED') return;
    this.endsAs(name, after, before.child);
  };

  /** When nothing moves any more: whose parent has ended has ended too. */
  readonly atRest = (): void => {
    for (const child of this.all())
      expect(hasEnded(child), 'CHILD', `${child.workflowId} never ends`);
  };

  private begins({ workflowId, parent, depth = 0 }: Workflow): void {
    expect(depth <= DEEPEST, 'CHILD', `${workflowId} has ${depth} workflows above it`);
    const others = this.all().filter(
      (each) =>
        each.workflowId !== workflowId &&
        !hasEnded(each) &&
        each.parent?.workflowId === parent?.workflowId &&
        each.parent?.taskId === parent?.taskId &&
        each.parent?.epoch === parent?.epoch,
    );
    const names = others.map((each) => each.workflowId).join(', ');
    expect(others.length === 0, 'CHILD', `${workflowId} runs beside ${names} for one task`);
  }

  /** Nobody will look after what runs for it; what is inserted after it was stopped ends before it starts anything. */
  private isAlone({ workflowId, epoch }: Workflow): void {
    const stoppedAt = this.endedAt.get(workflowId) ?? 0;
    for (const child of this.all()) {
      const isOf =
        child.parent?.workflowId === workflowId &&
        child.parent.epoch === epoch &&
        (this.begunAt.get(child.workflowId) ?? 0) < stoppedAt;
      expect(!isOf || hasEnded(child), 'CHILD', `${child.workflowId} outlives ${workflowId}`);
    }
  }

  private isWanted(name: string, { parent }: Workflow): void {
    const above = parent && this.view.table.workflow(parent.workflowId);
    if (!above || above.epoch > parent.epoch) return;
    const isGone = isStopped(above) && above.nextCheckAt === undefined;
    expect(!isGone, 'CHILD', `${name} is claimed although ${above.workflowId} is stopped`);
  }

  private endsAs(name: string, { status, reason, output, workflowId }: Task, id: string): void {
    if (reason === 'OPERATOR') return;
    const child = this.view.table.workflow(id);
    expect(child !== undefined && hasEnded(child), 'CHILD', `${name} ends before its child`);
    const isGood = child.status === 'SUCCESS';
    expect(isGood === (status === 'SUCCEEDED'), 'CHILD', `${name}: ${id} is ${child.status}`);
    if (!isGood) return;
    const given = output && this.view.valueOf(workflowId, output);
    expect(
      isSame(given, this.outputOfChild(child)),
      'CHILD',
      `${name} has another output than ${id}`,
    );
  }

  /** The outputs of the tasks that nothing depends on. */
  private outputOfChild(child: Workflow): unknown {
    const graph = this.view.graphOf(child.definition);
    const items = this.view.counting(graph, child);
    return Object.fromEntries(
      endsOf(graph).map((id) => {
        const task = items.get(id);
        return [id, task && isOver(task) ? outputOf(task, items, this.view) : null];
      }),
    );
  }

  private all = (): Workflow[] =>
    this.view.table
      .workflowIds()
      .flatMap((id) => this.view.table.workflow(id) ?? [])
      .filter(({ parent }) => parent !== undefined);
}

const isStopped = ({ status, reason }: Workflow): boolean =>
  status === 'CANCELLED' || (status === 'FAILED' && reason === 'TIMEOUT');

const endsOf = ({ downstream, upstream }: Graph): string[] =>
  [...upstream.keys()].filter((id) => downstream.get(id)?.length === 0);
