import type { PassingCall } from '../aws-endpoint/faults.js';
import { callLabel, invocationLabel, Labels, plainName } from './labels.js';

const call = (change: Partial<PassingCall>): PassingCall => ({
  ...{ service: 'dynamodb', operation: 'Query', caller: 'Worker', body: Buffer.from('{}') },
  ...change,
});
const nameOf = (name: string) => name.replace('arn:', '');

describe('a label', () => {
  it('leaves what the synthesis adds out of a name', () => {
    expect(plainName('WorkerFunctionAF8A26AF')).toBe('Worker');
    expect(plainName('TaskB2FunctionEBA3A3A3')).toBe('TaskB2');
  });

  it('says who calls what, and of what', () => {
    expect(callLabel(call({}), nameOf)).toBe('Worker Query');
    const due = Buffer.from('{"IndexName":"due"}');
    expect(callLabel(call({ body: due }), nameOf)).toBe('Worker Query due');
    const invoke = call({ service: 'lambda', operation: 'Invoke', functionName: 'arn:TaskA' });
    expect(callLabel(invoke, nameOf)).toBe('Worker Invoke TaskA');
  });

  it('tells a batch of records from any other event', () => {
    expect(invocationLabel('Orchestrator', '{"Records":[]}')).toBe('Orchestrator batch');
    expect(invocationLabel('Orchestrator', '{"mode":"sweep"}')).toBe('Orchestrator event');
  });

  it('counts what is about its workflow, and beside it what is about none', () => {
    const labels = new Labels('mine');
    expect(labels.reach('a', '{"workflowId":"mine"}')).toBe('a #1');
    expect(labels.reach('a', '{"workflowId":"other"}')).toBeUndefined();
    expect(labels.reach('a', '{"mode":"sweep"}')).toBe('a aside #1');
    expect(labels.reach('a', 'WORKFLOW#mine')).toBe('a #2');
    expect(labels.reached).toEqual(['a #1', 'a aside #1', 'a #2']);
  });
});
