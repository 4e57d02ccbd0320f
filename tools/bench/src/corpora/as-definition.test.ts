import { parseDefinition } from '@orchestra/workflow-core';
import { asDefinition, nameOf } from './as-definition.js';

const corpus = {
  name: 'strange',
  tasks: [
    { id: 'a b/c@1', dependsOn: [], durationMs: 2_000 },
    { id: 'a b/c>1', dependsOn: ['a b/c@1'], durationMs: 500 },
    { id: '__proto__', dependsOn: ['a b/c@1', 'a b/c>1'] },
    { id: 'x'.repeat(500), dependsOn: [] },
  ],
};

describe('a graph of others as a definition', () => {
  const document = asDefinition(corpus, 'strange');
  const ids = document.tasks.map(({ id }) => id);

  it('is one that is accepted, whatever its ids were', () => {
    expect(parseDefinition(document).tasks).toHaveLength(corpus.tasks.length);
  });

  it('keeps ids apart that differ in one character we do not have', () => {
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('keeps each edge', () => {
    expect(document.tasks[2]?.dependsOn).toEqual([ids[0], ids[1]]);
  });

  it('makes the longest task 5 ms long and the others in proportion', () => {
    expect(document.tasks.map(({ input }) => input?.delayMs)).toEqual([5, 1, 0, 0]);
  });

  it('refuses an edge to nowhere', () => {
    const broken = { name: 'broken', tasks: [{ id: 'a', dependsOn: ['b'] }] };
    expect(() => asDefinition(broken, 'broken')).toThrow('no task b');
  });

  it('is called as its file', () => {
    expect(nameOf('deb section.json.gz')).toBe('deb_section');
  });
});
