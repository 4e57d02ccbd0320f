/**
 * What this container remembers of running workflows, so that a healthy pass reads nothing. Safe to lose.
 *
 * Facts never change within an epoch; a READY is remembered only once its dispatch was accepted; a workflow whose
 * pass failed is forgotten whole.
 */
import type { Task, TaskFact } from '@orchestra/workflow-core';

export interface Remembered {
  readonly facts: Map<string, TaskFact>;
  readonly started: Set<string>;
  /** Items of older epochs that do not count any more, to be written over; undefined: not read yet. */
  older?: ReadonlyMap<string, Task>;
}

export class Memory {
  private readonly workflows = new Map<string, Remembered>();

  /** @param capacity workflows; the one not needed for longest goes first. */
  constructor(private readonly capacity = 2_000) {}

  recall(workflowId: string, epoch: number): Remembered {
    const key = `${workflowId}#${epoch}`;
    const remembered = this.workflows.get(key) ?? { facts: new Map(), started: new Set() };
    this.workflows.delete(key);
    this.workflows.set(key, remembered);
    for (const oldest of this.workflows.keys()) {
      if (this.workflows.size <= this.capacity) break;
      this.workflows.delete(oldest);
    }
    return remembered;
  }

  forget(workflowId: string, epoch: number): void {
    this.workflows.delete(`${workflowId}#${epoch}`);
  }
}
