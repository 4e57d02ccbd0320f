/** Tasks that wait for an answer: at most one counts, and it is what the task ends with; else its time was over. */
import { parseCallbackToken, type AnswerAnswer, type Task } from '@orchestra/workflow-core';
import type { Answer } from '../world/tasks.js';
import { isHeldOn } from './claims.js';
import { definitionOf, isMap, isOver } from './oracle.js';
import type { Rules, TaskChange, View } from './view.js';
import { expect } from './violation.js';

export class Callbacks implements Rules {
  /** By secret: the answer that was told that it counted. */
  private readonly counted = new Map<string, string>();
  /** By secret: the answer that the task ended with, if it was one. */
  private readonly outcomes = new Map<string, string | undefined>();

  constructor(private readonly view: View) {}

  readonly task = (change: TaskChange): void => {
    const { before, after, graph } = change;
    const { callback } = definitionOf(graph, after.taskId) ?? {};
    if (!callback || isMap(graph, after.taskId)) return;
    if (isHeldOn(change)) return this.deadline(change, callback.timeoutSeconds * 1000);
    const { callback: open } = before ?? {};
    if (!open || before?.status !== 'RUNNING' || !isOver(after)) return;
    const isAnswer = after.reason === undefined && after.status !== 'CANCELLED';
    this.outcomes.set(open.secret, isAnswer ? after.requestId : undefined);
    if (isAnswer) this.answered(change, before);
    else if (after.status === 'FAILED') this.timedOut(change, before);
  };

  /** Somebody was told what became of an answer. */
  answerTold({ requestId, token }: Answer, kind: AnswerAnswer['kind']): void {
    if (kind !== 'accepted') return;
    const secret = parseCallbackToken(token)?.secret ?? '';
    const other = this.counted.get(secret) ?? requestId;
    expect(other === requestId, 'CALLBACK', `${requestId} counts, and so does ${other}`);
    this.counted.set(secret, requestId);
    const outcome = this.outcomes.get(secret);
    expect(outcome === requestId, 'CALLBACK', `${requestId} counts, and the task has ${outcome}`);
  }

  /** It is set when the task begins to wait, and by each heartbeat. */
  private deadline({ name, before, after }: TaskChange, timeoutMs: number): void {
    const { clock, skewMs } = this.view;
    const isBeat = before?.suspendedAt !== undefined;
    const same = before?.callback?.secret === after.callback?.secret;
    expect(!isBeat || same, 'CALLBACK', `${name} waits for another answer than before`);
    const late = Date.parse(after.wakeAt ?? '') - clock.now - timeoutMs;
    expect(late <= skewMs, 'CALLBACK', `${name} waits ${late} ms longer than it says`);
  }

  private answered({ name, after }: TaskChange, before: Task): void {
    const { clock, skewMs, ledger } = this.view;
    const answer = ledger.answers.get(after.requestId ?? '');
    const { callback, wakeAt = '' } = before;
    expect(answer !== undefined, 'CALLBACK', `${name} is ${after.status} by nobody's answer`);
    const told = parseCallbackToken(answer.token);
    expect(
      told?.secret === callback?.secret && told?.taskId === after.taskId,
      'CALLBACK',
      `${name} ends with ${answer.requestId}, which has another token`,
    );
    const should = answer.outcome === 'success' ? 'SUCCEEDED' : 'FAILED';
    expect(after.status === should, 'CALLBACK', `${name} is ${after.status}, the answer ${should}`);
    const late = clock.now - Date.parse(wakeAt);
    // Who answers in time may be slow to write it.
    expect(late <= skewMs + SLOWEST_MS, 'CALLBACK', `${name} is answered ${late} ms too late`);
    if (after.status === 'FAILED') return;
    const output = after.output && this.view.valueOf(after.workflowId, after.output);
    const { by } = (output ?? {}) as { by?: string };
    expect(by === answer.requestId, 'CALLBACK', `${name} has the output of ${by}`);
  }

  private timedOut({ name, after }: TaskChange, before: Task): void {
    if (after.reason === 'WORKER_LOST') return;
    const { clock, skewMs } = this.view;
    const early = Date.parse(before.wakeAt ?? '') - clock.now;
    expect(early <= 2 * skewMs, 'CALLBACK', `${name} fails ${early} ms before its time is over`);
  }
}

/** Between a look at the clock and the write that follows from it. */
const SLOWEST_MS = 160_000;
