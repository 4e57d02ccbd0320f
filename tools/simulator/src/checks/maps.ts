/** The items of maps: how many run at once, over what, and when and how their map ends. */
import type { Graph, Task, TaskDefinition, Workflow } from '@orchestra/workflow-core';
import { forEachOf } from './expressions.js';
import { isMap, isOver, itemOf, toleratedOf } from './oracle.js';
import { isSame } from './same.js';
import type { Rules, TaskChange, View } from './view.js';
import { expect } from './violation.js';
import { isHeldOn } from './claims.js';

/** Failed, or never begun because something else had. */
const isBadItem = ({ status, reason }: Task): boolean =>
  status === 'FAILED' || reason === 'FAIL_FAST';

export class Maps implements Rules {
  constructor(private readonly view: View) {}

  readonly task = (change: TaskChange): void => {
    const { before, after, graph } = change;
    if (itemOf(after.taskId)) return this.item(change);
    if (!isMap(graph, after.taskId)) return;
    if (isHeldOn(change)) return this.expanded(change);
    const hasBegun = before?.status === 'RUNNING' && before.epoch === after.epoch;
    if (!hasBegun || (after.status !== 'SUCCEEDED' && after.status !== 'FAILED')) return;
    if (before.suspendedAt !== undefined) this.joined(change);
    else if (after.status === 'SUCCEEDED') this.empty(change);
  };

  private item({ name, before, after, workflow, graph }: TaskChange): void {
    const { map, index } = itemOf(after.taskId) as { map: string; index: number };
    const definition = graph.tasks.get(map) as TaskDefinition;
    const isNew = !before || before.epoch !== after.epoch;
    // What a pass that stalled writes into an epoch that is over does not count, and is never claimed.
    if (!isNew || workflow.epoch !== after.epoch) return;
    const task = this.view.table.task(workflow.workflowId, map);
    const isOpen =
      task?.epoch === after.epoch && task.items !== undefined && index < task.items.count;
    expect(isOpen, 'MAP', `${name} is begun without a map that has it`);
    if (workflow.status !== 'RUNNING') return;
    expect(task.status === 'RUNNING', 'MAP', `${name} is begun when ${map} is ${task.status}`);
    if (after.status !== 'READY') return;
    const active = this.itemsOf(workflow.workflowId, map).filter(
      (each) => each.epoch === after.epoch && !isOver(each),
    );
    const { maxConcurrency = Infinity } = definition;
    expect(
      active.length <= maxConcurrency,
      'MAP',
      `${name} is begun: ${active.length} of ${map} run, and ${maxConcurrency} may`,
    );
  }

  private expanded({ name, before, after, workflow, graph }: TaskChange): void {
    const { items } = after;
    expect(
      before?.suspendedAt === undefined && items !== undefined && items.count > 0,
      'MAP',
      `${name} is expanded to ${items?.count ?? 'nothing'}`,
    );
    if (workflow.epoch !== after.epoch) return;
    const given = forEachOf(graph, this.view.counting(graph, workflow), after.taskId, this.view);
    if (given === 'unsure') return;
    expect(given !== 'broken', 'MAP', `${name} runs over a list that cannot be made`);
    const list = this.view.listOf(after).map(({ item }) => item);
    expect(
      isSame(list, given.value) && list.length === items.count,
      'MAP',
      `${name} runs over another list`,
    );
  }

  /** It ran over nothing. */
  private empty({ name, after, workflow, graph }: TaskChange): void {
    const { output } = after;
    expect(output?.kind === 'inline' && output.json === '[]', 'MAP', `${name} gives no empty list`);
    if (workflow.epoch !== after.epoch) return;
    const given = forEachOf(graph, this.view.counting(graph, workflow), after.taskId, this.view);
    const isEmpty = given === 'unsure' || (given !== 'broken' && given.value.length === 0);
    expect(isEmpty, 'MAP', `${name} ends before its items have begun`);
  }

  private joined({ name, after, workflow, graph }: TaskChange): void {
    if (workflow.epoch !== after.epoch || workflow.status !== 'RUNNING') return;
    const items = this.present(graph, workflow, after);
    const open = items.flatMap((item, index) => (item && isOver(item) ? [] : [index]));
    expect(open.length === 0, 'MAP', `${name} ends before its items ${open.join(', ')}`);
    const failed = items.filter((item) => item && isBadItem(item)).length;
    const definition = graph.tasks.get(after.taskId) as TaskDefinition;
    const should = failed > toleratedOf(definition, items.length) ? 'FAILED' : 'SUCCEEDED';
    expect(after.status === should, 'MAP', `${name} is ${after.status} and should be ${should}`);
  }

  private itemsOf = (workflowId: string, map: string): Task[] =>
    this.view.table.tasks(workflowId).filter(({ taskId }) => itemOf(taskId)?.map === map);

  /** In their order; of those that have none that counts, undefined. */
  private present(graph: Graph, workflow: Workflow, map: Task): (Task | undefined)[] {
    const counting = this.view.counting(graph, workflow);
    return Array.from({ length: map.items?.count ?? 0 }, (_, index) =>
      counting.get(`${map.taskId}[${index}]`),
    );
  }
}
