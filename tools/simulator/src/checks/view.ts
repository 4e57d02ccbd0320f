/** What the checks look at: the table, the ledger of executions, and what has been seen of the run so far. */
import {
  buildGraph,
  type Definition,
  type DefinitionRef,
  type Graph,
  type Payload,
  type Task,
  type Workflow,
} from '@orchestra/workflow-core';
import type { Table, Writer } from '../world/table.js';
import type { Ledger } from '../world/tasks.js';
import { counts } from './oracle.js';
import { Violation } from './violation.js';

export interface TaskChange {
  /** Of the task, for a person. */
  readonly name: string;
  readonly before: Task | undefined;
  readonly after: Task;
  /** META at this moment. */
  readonly workflow: Workflow;
  readonly graph: Graph;
  readonly by: Writer;
  /** All of the workflow, at this moment. */
  readonly tasks: () => readonly Task[];
}

export interface WorkflowChange {
  readonly before: Workflow | undefined;
  readonly after: Workflow;
  readonly graph: Graph;
}

/** The rules of one theme: asked at each change, at its moment. They throw a Violation. */
export interface Rules {
  readonly task?: (change: TaskChange) => void;
  readonly workflow?: (change: WorkflowChange) => void;
  /** When nothing moves any more. */
  readonly atRest?: () => void;
}

/** One transition of a task, as it happened. */
export interface Moment {
  readonly status: Task['status'];
  readonly attempt: number;
  readonly epoch: number;
}

/** Whose time the kernel's is. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export class View {
  /** Of items, so far. */
  changes = 0;
  /** By workflow and task: all that happened to it. */
  readonly log = new Map<string, Moment[]>();
  /** By task and attempt: the claim. */
  readonly claims = new Map<string, string>();
  /** Tasks, each with its attempt, whose function was called. */
  readonly executed = new Set<string>();
  /** By workflow: epochs whose cancel was answered. */
  readonly cancelled = new Map<string, Set<number>>();
  /** Workflows, each with the epoch, of which it was acknowledged that they fail fast. */
  readonly failedFast = new Set<string>();
  private readonly graphs = new Map<string, Graph>();

  constructor(
    readonly table: Pick<Table, 'workflow' | 'workflowIds' | 'task' | 'tasks' | 'payload'>,
    readonly ledger: Ledger,
    private readonly definitions: ReadonlyMap<string, readonly Definition[]>,
    readonly clock: Clock,
    /** How far the clock of whoever writes may be from the kernel's. */
    readonly skewMs: number,
  ) {}

  graphOf({ name, revision }: DefinitionRef): Graph {
    const key = `${name}@${revision}`;
    const known = this.graphs.get(key);
    if (known) return known;
    const definition = this.definitions.get(name)?.[revision - 1];
    if (!definition) throw new Violation('I16', `there is no definition ${key}`);
    const graph = buildGraph(definition);
    this.graphs.set(key, graph);
    return graph;
  }

  /** By task: the items that say something about the present epoch. */
  counting(graph: Graph, workflow: Workflow): Map<string, Task> {
    const { workflowId } = workflow;
    const mapOf = (taskId: string) => this.table.task(workflowId, taskId);
    return new Map(
      this.table
        .tasks(workflowId)
        .filter((task) => counts(graph, workflow, task, mapOf))
        .map((task) => [task.taskId, task]),
    );
  }

  wasCancelled = ({ workflowId, epoch }: Pick<Task, 'workflowId' | 'epoch'>): boolean =>
    this.cancelled.get(workflowId)?.has(epoch) === true;

  valueOf = (workflowId: string, payload: Payload): unknown =>
    payload.kind === 'inline'
      ? (JSON.parse(payload.json) as unknown)
      : this.table.payload(workflowId, payload.key);

  /** What a map was expanded to. */
  listOf({ workflowId, items }: Task): readonly { readonly item: unknown }[] {
    return items ? (this.table.payload(workflowId, items.key) as { item: unknown }[]) : [];
  }
}
