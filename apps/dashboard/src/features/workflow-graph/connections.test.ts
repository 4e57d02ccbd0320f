import { connectionsOf, type ConnectedTask } from './connections.js';

const task = (taskId: string, ...dependsOn: string[]): ConnectedTask => ({ taskId, dependsOn });
const hook = (taskId: string, when: ConnectedTask['hook']): ConnectedTask => ({
  taskId,
  dependsOn: [],
  hook: when,
});
const lines = (tasks: readonly ConnectedTask[]) =>
  connectionsOf(tasks).map(({ from, to, hook: when }) => `${from}->${to}${when ? ` ${when}` : ''}`);

describe('what follows what', () => {
  it('is what depends on it', () => {
    expect(lines([task('A'), task('B', 'A'), task('C', 'A', 'B')])).toEqual([
      'A->B',
      'A->C',
      'B->C',
    ]);
  });

  it('leaves out what is not there', () => {
    expect(lines([task('A', 'gone')])).toEqual([]);
  });

  it('is a hook after every task that nothing depends on', () => {
    expect(lines([task('A'), task('B', 'A'), task('X'), hook('tell', 'onFailure')])).toEqual([
      'A->B',
      'B->tell onFailure',
      'X->tell onFailure',
    ]);
  });

  it('is `finally` after the other hooks, or after the tasks where there are none', () => {
    const last = hook('clean', 'finally');
    expect(lines([task('A'), hook('well', 'onSuccess'), last])).toEqual([
      'A->well onSuccess',
      'well->clean finally',
    ]);
    expect(lines([task('A'), last])).toEqual(['A->clean finally']);
  });

  it('stays readable where a thousand tasks end', () => {
    const wide = Array.from({ length: 1_000 }, (_, n) => task(`t${n}`));
    expect(lines([...wide, hook('tell', 'onFailure')])).toHaveLength(25);
  });
});
