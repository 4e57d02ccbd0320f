/**
 * What this container remembers of running workflows, so that a healthy pass reads nothing. Safe to lose.
 *
 * Facts never change within an epoch; a READY is remembered only once its dispatch was accepted; a workflow whose
 * pass failed is forgotten whole.
 */
import type { ItemsView, OrderedOverride, Task, TaskFact } from '@orchestra/workflow-core';

export interface Remembered {
  readonly facts: Map<string, TaskFact>;
  readonly started: Set<string>;
  /** Maps that run, by their task. */
  readonly maps: Map<string, ItemsView>;
  /** Items of older epochs that do not count any more, to be written over; undefined: not read yet. */
  older?: ReadonlyMap<string, Task>;
  /** What an operator says of tasks of this epoch; undefined: META was not read yet. */
  overrides?: ReadonlyMap<string, OrderedOverride>;
  /** It has ended: records of its tasks that come later say nothing new. */
  isOver?: true;
}

/** Of all workflows together. */
interface Capacity {
  readonly workflows: number;
  readonly tasks: number;
}

export class Memory {
  private readonly workflows = new Map<string, Remembered>();

  /** The workflow not needed for longest goes first. */
  constructor(private readonly capacity: Capacity = { workflows: 2_000, tasks: 200_000 }) {}

  recall(workflowId: string, epoch: number): Remembered {
    const key = `${workflowId}#${epoch}`;
    const remembered = this.workflows.get(key) ?? newMemory();
    this.workflows.delete(key);
    this.workflows.set(key, remembered);
    this.makeRoom(key);
    return remembered;
  }

  private makeRoom(newest: string): void {
    const { workflows, capacity } = this;
    let tasks = [...workflows.values()].reduce((sum, each) => sum + sizeOf(each), 0);
    for (const [key, each] of workflows) {
      const fits = workflows.size <= capacity.workflows && tasks <= capacity.tasks;
      if (fits || key === newest) return;
      workflows.delete(key);
      tasks -= sizeOf(each);
    }
  }

  end(workflowId: string, epoch: number): void {
    this.workflows.set(`${workflowId}#${epoch}`, { ...newMemory(), isOver: true });
  }

  forget(workflowId: string, epoch: number): void {
    this.workflows.delete(`${workflowId}#${epoch}`);
  }
}

const newMemory = (): Remembered => ({ facts: new Map(), started: new Set(), maps: new Map() });

const sizeOf = ({ facts, started, older }: Remembered) =>
  facts.size + started.size + (older?.size ?? 0);
