import { Memory } from './memory.js';

const remember = (memory: Memory, workflowId: string, tasks: number) => {
  const { facts } = memory.recall(workflowId, 1);
  for (let n = 0; n < tasks; n += 1) facts.set(`T${n}`, { status: 'SUCCEEDED' });
};
const known = (memory: Memory, workflowId: string) => memory.recall(workflowId, 1).facts.size;

describe('remembering workflows', () => {
  it('forgets the one not needed for longest when there are too many', () => {
    const memory = new Memory({ workflows: 2, tasks: 100 });
    for (const workflowId of ['a', 'b', 'a', 'c']) remember(memory, workflowId, 1);
    expect(['c', 'a'].map((id) => known(memory, id))).toEqual([1, 1]);
    expect(known(memory, 'b')).toBe(0);
  });

  it('forgets it when their tasks are too many', () => {
    const memory = new Memory({ workflows: 10, tasks: 10 });
    for (const workflowId of ['a', 'b', 'c', 'd']) remember(memory, workflowId, 6);
    expect(known(memory, 'd')).toBe(6);
    expect(known(memory, 'a')).toBe(0);
  });

  it('keeps epochs apart', () => {
    const memory = new Memory();
    remember(memory, 'a', 1);
    expect(memory.recall('a', 2).facts.size).toBe(0);
  });
});
