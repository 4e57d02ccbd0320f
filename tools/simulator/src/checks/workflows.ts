/** What META may do: it ends as its tasks did, and goes on by a redrive alone. */
import type { Graph, Task, Workflow } from '@orchestra/workflow-core';
import { hasEnded, isOver, shouldEnd } from './oracle.js';
import type { Rules, View, WorkflowChange } from './view.js';
import { expect } from './violation.js';

export class Workflows implements Rules {
  private readonly stoppedAt = new Map<string, number>();
  private readonly changedAt = new Map<string, number>();

  constructor(private readonly view: View) {}

  readonly task = ({ after: { workflowId, taskId } }: { readonly after: Task }): void =>
    void this.changedAt.set(`${workflowId} ${taskId}`, this.view.changes);

  readonly workflow = ({ before, after, graph }: WorkflowChange): void => {
    const { workflowId, status, epoch } = after;
    if (!before) return this.begins(after);
    const fixed = ({ requestHash, createdAt, input, expiresAt }: Workflow) =>
      JSON.stringify([requestHash, createdAt, input, expiresAt]);
    expect(fixed(before) === fixed(after), 'I13', `${workflowId} is started anew`);
    if (hasEnded(before)) return this.afterTheEnd(before, after);
    expect(epoch === before.epoch, 'I08', `${workflowId} changes its epoch while it runs`);
    const goesBack = before.status === 'RUNNING' && status === 'PENDING';
    expect(!goesBack, 'I08', `${workflowId} is RUNNING and becomes PENDING`);
    if (!hasEnded(after)) return;
    this.stoppedAt.set(`${workflowId} ${epoch}`, this.view.changes);
    if (status !== 'CANCELLED' && after.reason !== 'TIMEOUT') this.ends(graph, after);
  };

  /**
   * An operator was told that it is cancelled.
   * @param epoch when the operator asked; in another by now, the answer is about one in between
   */
  cancelAnswered(workflowId: string, epoch: number): void {
    const { cancelled, table } = this.view;
    const workflow = table.workflow(workflowId);
    if (workflow?.status !== 'CANCELLED' || workflow.epoch !== epoch) return;
    const epochs = cancelled.get(workflowId) ?? new Set();
    cancelled.set(workflowId, epochs.add(workflow.epoch));
    const stop = this.stoppedAt.get(`${workflowId} ${workflow.epoch}`) ?? 0;
    for (const task of table.tasks(workflowId)) {
      if (task.epoch !== workflow.epoch || isOver(task)) continue;
      const name = `${workflowId} ${task.taskId}`;
      // What a pass that stalled makes READY after the stop is never claimed.
      expect(
        task.status === 'READY' && (this.changedAt.get(name) ?? 0) > stop,
        'I18',
        `${name} is ${task.status} although the cancel is answered`,
      );
    }
  }

  private begins({ workflowId, status, epoch, concurrencyKey }: Workflow): void {
    const should = concurrencyKey === undefined ? 'RUNNING' : 'PENDING';
    expect(status === should && epoch === 1, 'I08', `${workflowId} begins ${status}`);
  }

  private ends(graph: Graph, workflow: Workflow): void {
    const { workflowId, status } = workflow;
    const items = this.view.counting(graph, workflow);
    const open = [...graph.tasks.keys()].filter((id) => {
      const task = items.get(id);
      return !task || !isOver(task);
    });
    expect(open.length === 0, 'I08', `${workflowId} is ${status} before ${open.join(', ')} ended`);
    const should = shouldEnd(graph, items.values());
    expect(status === should, 'I08', `${workflowId} is ${status} and should be ${should}`);
  }

  private afterTheEnd(before: Workflow, after: Workflow): void {
    const { workflowId } = after;
    if (hasEnded(after)) {
      const same = after.status === before.status && after.epoch === before.epoch;
      expect(same, 'I05', `${workflowId}, ${before.status}, becomes ${after.status}`);
      return this.settled(after);
    }
    const wasSettled = before.nextCheckAt === undefined;
    expect(wasSettled, 'I05', `${workflowId} is redriven while it is being stopped`);
    const recorded = after.redrives?.at(-1)?.epoch === after.epoch;
    const isNext = after.epoch === before.epoch + 1 && recorded;
    expect(isNext, 'I05', `${workflowId} goes on without a recorded redrive`);
  }

  /** It left the due index: nobody will look after what still runs. */
  private settled({ workflowId, epoch, nextCheckAt }: Workflow): void {
    if (nextCheckAt !== undefined) return;
    for (const task of this.view.table.tasks(workflowId)) {
      const runs = task.epoch === epoch && task.status === 'RUNNING';
      expect(!runs, 'I18', `${workflowId} ${task.taskId} runs on in a workflow that is settled`);
    }
  }
}
