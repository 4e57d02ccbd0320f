/** What a task that has ended may say: of one with a function, only what an execution gave. */
import { LIMITS, type Graph, type Task } from '@orchestra/workflow-core';
import { isBroken } from './expressions.js';
import { definitionOf, isMap } from './oracle.js';
import type { Rules, TaskChange, View } from './view.js';
import { Violation, expect } from './violation.js';

export class Outcomes implements Rules {
  constructor(private readonly view: View) {}

  readonly task = ({ name, graph, after }: TaskChange): void => {
    const { status, error, taskId, reason } = after;
    if ((status !== 'SUCCEEDED' && status !== 'FAILED') || reason === 'OPERATOR') return;
    const isLate = this.view.wasCancelled(after);
    expect(!isLate, 'I18', `${name} is recorded ${status} after the cancel was answered`);
    if (status === 'FAILED' && error?.type === 'WorkerLost') return;
    if (status === 'FAILED' && error?.type === 'ExpressionFailed')
      return this.broken(name, graph, after);
    const definition = definitionOf(graph, taskId);
    if (definition?.function !== undefined && !isMap(graph, taskId)) this.ofFunction(name, after);
  };

  private ofFunction(name: string, task: Task): void {
    const { workflowId, status, error, requestId = '' } = task;
    // Its time was over before its function was called.
    const wasCalled = this.view.executed.has(`${name} attempt ${task.attempt}`);
    if (requestId === '' && error?.type === 'TaskTimeout' && !wasCalled) return;
    const execution = this.view.ledger.executions.get(requestId);
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
    const workflow = this.view.table.workflow(task.workflowId);
    if (workflow?.epoch !== task.epoch) return;
    const items = this.view.counting(graph, workflow);
    const should = isBroken(graph, items, task.taskId, this.view);
    expect(should, 'CONDITION', `${name} fails for no expression`);
    const wasCalled = this.view.executed.has(`${name} attempt ${task.attempt}`);
    expect(!wasCalled, 'CONDITION', `${name} is called although its expressions fail`);
  }

  private outputOf(name: string, { output, requestId }: Task): void {
    if (output?.kind === 'inline') {
      const { by } = JSON.parse(output.json) as { by?: string };
      expect(by === requestId, 'I07', `${name} holds the output of ${by}, not of ${requestId}`);
      expect(output.json.length <= LIMITS.inlinePayloadBytes, 'I20', `${name} holds too much`);
    } else expect(output !== undefined, 'I07', `${name} has no output`);
  }
}
