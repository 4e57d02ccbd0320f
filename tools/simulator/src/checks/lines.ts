/** Workflows that need a place to run: never more than there are, in the order they came, and all at last. */
import type { Workflow } from '@orchestra/workflow-core';
import { hasEnded } from './oracle.js';
import type { Rules, View, WorkflowChange } from './view.js';
import { expect } from './violation.js';

export class Lines implements Rules {
  private readonly asked = new Map<string, number>();
  private readonly answered = new Map<string, number>();

  constructor(
    private readonly view: View,
    /** Nothing fails, and all clocks are right: who came first goes first. */
    private readonly isOrdered: boolean,
  ) {}

  /** Somebody begins to ask for a workflow. */
  startAsked = (workflowId: string): void => void this.asked.set(workflowId, this.view.changes);

  startAnswered = (workflowId: string): void =>
    void this.answered.set(workflowId, this.view.changes);

  readonly workflow = ({ before, after, graph }: WorkflowChange): void => {
    const { concurrency } = graph.definition;
    const { workflowId, status, concurrencyKey } = after;
    if (!before) {
      const isRight = (concurrencyKey === undefined) === (concurrency === undefined);
      expect(isRight, 'PLACE', `${workflowId} begins with the key ${concurrencyKey}`);
    }
    if (!concurrency || status !== 'RUNNING' || before?.status === 'RUNNING') return;
    expect(before?.status === 'PENDING', 'PLACE', `${workflowId} runs without having waited`);
    const line = this.lineOf(after);
    const running = line.filter((each) => each.status === 'RUNNING').length;
    const { limit } = concurrency;
    expect(running <= limit, 'PLACE', `${workflowId} is the ${running}th to run of ${limit}`);
    if (this.isOrdered && running === limit) this.isFirst(after, line);
  };

  /** Nobody who had been told of their start before this one was asked for still waits. */
  private isFirst({ workflowId, epoch }: Workflow, line: readonly Workflow[]): void {
    const asked = this.asked.get(workflowId);
    if (epoch > 1 || asked === undefined) return;
    for (const other of line) {
      const answered = this.answered.get(other.workflowId);
      const isBefore = answered !== undefined && answered < asked && other.epoch === 1;
      const waits = other.status === 'PENDING' && isBefore;
      expect(!waits, 'PLACE', `${workflowId} goes before ${other.workflowId}, which came first`);
    }
  }

  private lineOf = ({ definition, concurrencyKey }: Workflow): Workflow[] =>
    this.view.table
      .workflowIds()
      .flatMap((id) => this.view.table.workflow(id) ?? [])
      .filter(
        (each) =>
          !hasEnded(each) &&
          each.definition.name === definition.name &&
          each.concurrencyKey === concurrencyKey,
      );
}
