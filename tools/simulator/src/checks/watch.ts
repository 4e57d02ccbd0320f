/** Watches a run: every change of an item and every execution, at its moment. Throws at the first that is wrong. */
import {
  LIMITS,
  buildGraph,
  type Definition,
  type DefinitionRef,
  type Graph,
  type Task,
  type TaskPayload,
  type Workflow,
} from '@orchestra/workflow-core';
import {
  NEWER_ATTRIBUTE,
  isMeta,
  keysOf,
  taskOf,
  workflowOf,
  type ItemChange,
  type Table,
} from '../world/table.js';
import type { Ledger } from '../world/tasks.js';
import { conditionOf, isBroken } from './expressions.js';
import { checkInput } from './inputs.js';
import {
  countedAs,
  counts,
  failsFast,
  isOver,
  shouldEnd,
  verdictOf,
  type Verdict,
} from './oracle.js';
import { Violation, expect } from './violation.js';

/** One transition of a task, as it happened. */
export interface Moment {
  readonly status: Task['status'];
  readonly attempt: number;
  readonly epoch: number;
}

const MOVES: Record<string, readonly string[]> = {
  none: ['READY', 'SKIPPED'],
  READY: ['RUNNING', 'CANCELLED'],
  RUNNING: ['SUCCEEDED', 'FAILED', 'SKIPPED', 'READY', 'CANCELLED'],
};

export class Watch {
  /** By workflow and task: all that happened to it. */
  readonly log = new Map<string, Moment[]>();
  private readonly graphs = new Map<string, Graph>();
  private readonly claims = new Map<string, string>();
  private readonly executed = new Map<string, string>();
  /** The highest attempt that was claimed: numbers that nobody used may be given again. */
  private readonly lastClaimed = new Map<string, number>();
  private readonly claimsInEpoch = new Map<string, number>();
  /** By workflow: epochs whose cancel was answered. */
  private readonly cancelled = new Map<string, Set<number>>();
  /** Workflows, each with the epoch, of which it was acknowledged that they fail fast. */
  private readonly failedFast = new Set<string>();
  private changes = 0;
  private readonly stoppedAt = new Map<string, number>();
  private readonly changedAt = new Map<string, number>();

  constructor(
    private readonly table: Pick<Table, 'workflow' | 'task' | 'tasks'>,
    private readonly ledger: Ledger,
    private readonly definitions: ReadonlyMap<string, readonly Definition[]>,
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

  change({ key, before, after }: ItemChange): void {
    this.changes += 1;
    this.changedAt.set(key, this.changes);
    const [was, is] = [Number(before?.['version']?.N ?? 0), Number(after['version']?.N)];
    expect(is === was + 1, 'I15', `${key} goes from version ${was} to ${is}`);
    if (before?.[NEWER_ATTRIBUTE])
      expect(after[NEWER_ATTRIBUTE]?.S !== undefined, 'EXTRA-ATTRIBUTE', `${key} lost it`);
    if (isMeta(after)) this.workflowChange(before && workflowOf(before), workflowOf(after));
    else this.taskChange(key, before && taskOf(before), taskOf(after));
  }

  /** A function is called. */
  execution(payload: TaskPayload): void {
    const { workflowId, taskId, attempt } = payload;
    const name = `${workflowId} ${taskId} attempt ${attempt}`;
    expect(!this.executed.has(name), 'I03', `${name} is executed twice`);
    this.executed.set(name, name);
    expect(this.claims.has(name), 'I02', `${name} is executed without a claim`);
    const item = this.table.task(workflowId, taskId);
    const workflow = this.table.workflow(workflowId);
    // Somebody slow, whose claim is lost: what it read was true then.
    if (item?.status !== 'RUNNING' || item.attempt !== attempt) return;
    if (item.epoch !== workflow?.epoch) return;
    const graph = this.graphOf(item.definition);
    checkInput(payload, name, graph, this.counting(graph, workflow), this.ledger);
  }

  /**
   * An operator was told that it is cancelled.
   * @param epoch when the operator asked; in another by now, the answer is about one in between
   */
  cancelAnswered(workflowId: string, epoch: number): void {
    const workflow = this.table.workflow(workflowId);
    if (workflow?.status !== 'CANCELLED' || workflow.epoch !== epoch) return;
    const epochs = this.cancelled.get(workflowId) ?? new Set();
    this.cancelled.set(workflowId, epochs.add(workflow.epoch));
    const stop = this.stoppedAt.get(`${workflowId} ${workflow.epoch}`) ?? 0;
    for (const task of this.table.tasks(workflowId)) {
      if (task.epoch !== workflow.epoch || isOver(task)) continue;
      const name = `${workflowId} ${task.taskId}`;
      const changedAt = this.changedAt.get(`WORKFLOW#${workflowId} TASK#${task.taskId}`) ?? 0;
      // What a pass that stalled makes READY after the stop is never claimed.
      expect(
        task.status === 'READY' && changedAt > stop,
        'I18',
        `${name} is ${task.status} although the cancel is answered`,
      );
    }
  }

  /** The pass over this task's record is done. */
  decided({ workflowId, epoch, definition, taskId }: Task): void {
    const workflow = this.table.workflow(workflowId);
    if (workflow?.status !== 'RUNNING' || workflow.epoch !== epoch) return;
    const item = this.table.task(workflowId, taskId);
    if (item && failsFast(this.graphOf(definition), [item]))
      this.failedFast.add(`${workflowId} ${epoch}`);
  }

  private workflowChange(before: Workflow | undefined, after: Workflow): void {
    const { workflowId, status, epoch } = after;
    const graph = this.graphOf(after.definition);
    if (!before)
      return expect(status === 'RUNNING' && epoch === 1, 'I08', `${workflowId} begins ${status}`);
    const fixed = ({ requestHash, createdAt, input, expiresAt }: Workflow) =>
      JSON.stringify([requestHash, createdAt, input, expiresAt]);
    expect(fixed(before) === fixed(after), 'I13', `${workflowId} is started anew`);
    if (before.status !== 'RUNNING') return this.afterTheEnd(before, after);
    expect(epoch === before.epoch, 'I08', `${workflowId} changes its epoch while it runs`);
    if (status === 'RUNNING') return;
    this.stoppedAt.set(`${workflowId} ${epoch}`, this.changes);
    if (status === 'CANCELLED' || after.reason === 'TIMEOUT') return;
    const items = this.counting(graph, after);
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
    if (after.status !== 'RUNNING') {
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
    for (const task of this.table.tasks(workflowId)) {
      const runs = task.epoch === epoch && task.status === 'RUNNING';
      expect(!runs, 'I18', `${workflowId} ${task.taskId} runs on in a workflow that is settled`);
    }
  }

  private taskChange(key: string, before: Task | undefined, after: Task): void {
    const { workflowId, taskId, status, epoch, attempt } = after;
    const name = `${workflowId} ${taskId}`;
    const workflow = this.table.workflow(workflowId);
    if (!workflow) throw new Violation('I16', `${name} has an item without a workflow`);
    const graph = this.graphOf(after.definition);
    expect(keysOf(workflowId, graph.tasks.keys()).has(key), 'I16', `the item ${key}`);
    this.log.set(name, [...(this.log.get(name) ?? []), { status, attempt, epoch }]);
    const claimed = this.lastClaimed.get(name) ?? 0;
    expect(attempt >= claimed, 'I12', `${name} goes back from attempt ${claimed} to ${attempt}`);
    if (before && epoch !== before.epoch) this.overwritten(name, workflow, before, after);
    else this.moved(name, before, after);
    if (status === 'RUNNING') this.claimed(name, workflow, graph, after);
    else if (status === 'SKIPPED' && before?.status === 'RUNNING')
      this.conditionFalse(name, workflow, graph, after);
    else if (status === 'SKIPPED') this.skipped(name, workflow, graph, after);
    else if (status === 'READY' && before?.status !== 'RUNNING') this.begun(name, workflow, after);
    else if (status === 'SUCCEEDED' || status === 'FAILED') this.ended(name, graph, after);
  }

  private overwritten(name: string, workflow: Workflow, before: Task, after: Task): void {
    expect(after.epoch > before.epoch, 'I05', `${name} goes back to epoch ${after.epoch}`);
    expect(after.epoch <= workflow.epoch, 'I05', `${name} is of an epoch that nobody began`);
    expect(before.status !== 'RUNNING', 'I02', `${name} is begun again while it runs`);
    if (after.epoch === workflow.epoch)
      expect(
        !counts(this.graphOf(workflow.definition), workflow, before),
        'KEEP',
        `${name} runs again`,
      );
    expect(
      after.status === 'READY' || after.status === 'SKIPPED',
      'I05',
      `${name} begins ${after.status}`,
    );
  }

  private moved(name: string, before: Task | undefined, after: Task): void {
    if (before && isOver(before)) {
      const invariant = before.status === after.status ? 'I06' : 'I05';
      throw new Violation(invariant, `${name}, ${before.status}, becomes ${after.status}`);
    }
    const moves = MOVES[before?.status ?? 'none'] ?? [];
    const invariant = after.status === 'RUNNING' ? 'I02' : 'I04';
    expect(
      moves.includes(after.status),
      invariant,
      `${name} goes from ${before?.status ?? 'nothing'} to ${after.status}`,
    );
  }

  private begun(name: string, { status, epoch }: Workflow, task: Task): void {
    if (status !== 'RUNNING' || epoch !== task.epoch) return;
    const isLate = this.failedFast.has(`${task.workflowId} ${epoch}`);
    expect(!isLate, 'FAIL-FAST', `${name} is started after its workflow has failed fast`);
  }

  private conditionFalse(name: string, workflow: Workflow, graph: Graph, task: Task): void {
    expect(task.reason === 'CONDITION_FALSE', 'I04', `${name} ran and is skipped: ${task.reason}`);
    const wasCancelled = this.cancelled.get(task.workflowId)?.has(task.epoch);
    expect(!wasCancelled, 'I18', `${name} is skipped after the cancel was answered`);
    const wasCalled = this.executed.has(`${name} attempt ${task.attempt}`);
    expect(!wasCalled, 'CONDITION', `${name} is called and skipped`);
    if (workflow.epoch !== task.epoch) return;
    const condition = conditionOf(graph, this.counting(graph, workflow), task.taskId);
    const holds = condition === 'broken' || (condition !== 'unsure' && condition.value);
    expect(!holds, 'CONDITION', `${name} is skipped for a condition that is not false`);
  }

  private claimed(name: string, workflow: Workflow, graph: Graph, task: Task): void {
    const { workflowId, epoch, attempt, claimId = '' } = task;
    const claim = `${name} attempt ${attempt}`;
    expect(!this.claims.has(claim), 'I02', `${claim} is claimed twice`);
    this.claims.set(claim, claimId);
    this.lastClaimed.set(name, attempt);
    const wasCancelled = this.cancelled.get(workflowId)?.has(epoch);
    expect(!wasCancelled, 'I18', `${claim} is claimed after the cancel was answered`);
    expect(epoch === workflow.epoch, 'I18', `${claim} is claimed in epoch ${epoch}, which is over`);
    const verdict = this.verdict(graph, this.counting(graph, workflow), task.taskId, false);
    expect(verdict === 'run', 'I01', `${claim} starts when its rule says ${verdict}`);
    const inEpoch = `${name} epoch ${epoch}`;
    const claims = (this.claimsInEpoch.get(inEpoch) ?? 0) + 1;
    this.claimsInEpoch.set(inEpoch, claims);
    const { retry, onLostWorker } = graph.tasks.get(task.taskId) ?? {};
    const reruns = onLostWorker === 'fail' ? 0 : LIMITS.lostWorkerReruns;
    expect(claims <= 1 + (retry?.maxAttempts ?? 0) + reruns, 'I12', `${inEpoch}: ${claims} claims`);
  }

  private skipped(name: string, workflow: Workflow, graph: Graph, task: Task): void {
    if (workflow.status !== 'RUNNING' || workflow.epoch !== task.epoch) return;
    const items = this.counting(graph, workflow);
    const { reason = '' } = task;
    if (reason === 'FAIL_FAST')
      return expect(
        failsFast(graph, items.values()),
        'FAIL-FAST',
        `${name} is skipped for a failure that there is not`,
      );
    const isFast = graph.definition.failFast === true;
    expect(
      !isFast || reason !== 'UPSTREAM_FAILED',
      'FAIL-FAST',
      `${name} is skipped for its upstream only`,
    );
    const verdict = this.verdict(graph, items, task.taskId, true);
    expect(
      verdict === task.reason,
      'I01',
      `${name} is skipped (${task.reason}) when its rule says ${verdict}`,
    );
  }

  /** @param foresees skips that are certain count as written: those of one pass are written in no order */
  private verdict(
    graph: Graph,
    items: ReadonlyMap<string, Task>,
    taskId: string,
    foresees: boolean,
  ): Verdict {
    const upstream = (graph.upstream.get(taskId) ?? []).map((up) => {
      const task = items.get(up);
      if (task) return isOver(task) ? countedAs(graph, task) : undefined;
      const verdict = foresees ? this.verdict(graph, items, up, true) : 'wait';
      return verdict === 'wait' || verdict === 'run'
        ? undefined
        : ({ status: 'SKIPPED', reason: verdict } as const);
    });
    return verdictOf(graph.tasks.get(taskId)?.triggerRule ?? 'all_success', upstream);
  }

  private ended(name: string, graph: Graph, task: Task): void {
    const { workflowId, epoch, status, error, requestId = '' } = task;
    const wasCancelled = this.cancelled.get(workflowId)?.has(epoch);
    expect(!wasCancelled, 'I18', `${name} is recorded ${status} after the cancel was answered`);
    if (status === 'FAILED' && error?.type === 'WorkerLost') return;
    if (status === 'FAILED' && error?.type === 'ExpressionFailed')
      return this.broken(name, graph, task);
    const execution = this.ledger.executions.get(requestId);
    if (execution?.workflowId !== workflowId || execution.taskId !== task.taskId)
      throw new Violation('I07', `${name} is ${status} by ${requestId || 'nobody'}`);
    expect(
      execution.attempt === task.attempt,
      'I04',
      `${name}: the outcome of attempt ${execution.attempt} is recorded in attempt ${task.attempt}`,
    );
    const { kind } = execution.behaviour;
    if (kind === 'huge' && error?.type !== 'TaskTimeout')
      return expect(
        error?.type === 'OutputTooLarge',
        'I20',
        `${name} is ${status} with too large an output`,
      );
    const isGood = error === undefined;
    expect(isGood === (status === 'SUCCEEDED'), 'I07', `${name} is ${status} with ${error?.type}`);
    if (isGood) this.outputOf(name, task);
  }

  private broken(name: string, graph: Graph, task: Task): void {
    const workflow = this.table.workflow(task.workflowId);
    if (workflow?.epoch !== task.epoch) return;
    const items = this.counting(graph, workflow);
    expect(isBroken(graph, items, task.taskId), 'CONDITION', `${name} fails for no expression`);
    const wasCalled = this.executed.has(`${name} attempt ${task.attempt}`);
    expect(!wasCalled, 'CONDITION', `${name} is called although its expressions fail`);
  }

  private outputOf(name: string, { output, requestId }: Task): void {
    if (output?.kind === 'inline') {
      const { by } = JSON.parse(output.json) as { by?: string };
      expect(by === requestId, 'I07', `${name} holds the output of ${by}, not of ${requestId}`);
      expect(output.json.length <= LIMITS.inlinePayloadBytes, 'I20', `${name} holds too much`);
    } else expect(output !== undefined, 'I07', `${name} has no output`);
  }

  counting(graph: Graph, workflow: Workflow): Map<string, Task> {
    return new Map(
      this.table
        .tasks(workflow.workflowId)
        .filter((task) => counts(graph, workflow, task))
        .map((task) => [task.taskId, task]),
    );
  }
}
