/** Definitions and their revisions. */
import { randomUUID } from 'node:crypto';
import type { Definition } from '../definition.js';
import { diamond } from '../diamond.js';
import { LIMITS } from '../limits.js';
import { AT, LATER, everyPage, type Workbench } from './workbench.js';

export function describeDefinitions(bench: Workbench): void {
  const newName = () => `d-${randomUUID()}`;
  const named = (name: string, description: string) => ({ ...diamond, name, description });
  const put = (definition: Definition, at = AT) => bench.repository.putDefinition(definition, at);

  describe('storing a definition', () => {
    it('makes a revision of content that is new', async () => {
      const name = newName();
      const one = named(name, 'one');
      const two = named(name, 'two');
      expect(await put(one)).toEqual({ revision: 1, created: true });
      expect(await put(one)).toEqual({ revision: 1, created: false });
      expect(await put(two)).toEqual({ revision: 2, created: true });
      expect(await put(one)).toEqual({ revision: 3, created: true });
      expect(await bench.repository.getDefinition({ name, revision: 1 })).toEqual(one);
      expect(await bench.repository.getDefinition({ name, revision: 2 })).toEqual(two);
      expect(await bench.repository.getDefinition({ name, revision: 3 })).toEqual(one);
      expect(await bench.repository.getDefinition({ name, revision: 4 })).toBeUndefined();
    });

    it('makes none of content that only stands in another order', async () => {
      const name = newName();
      const inputSchema = { type: 'object', properties: { b: {}, a: {} } };
      const other = { properties: { a: {}, b: {} }, type: 'object' };
      await put({ name, tasks: [{ id: 'A', function: 'A' }], inputSchema });
      const again = { inputSchema: other, tasks: [{ function: 'A', id: 'A' }], name };
      expect(await put(again)).toEqual({ revision: 1, created: false });
      // The order of its author is kept, as a form shows it.
      const kept = await bench.repository.getDefinition({ name, revision: 1 });
      expect(JSON.stringify(kept?.inputSchema)).toBe(JSON.stringify(inputSchema));
    });

    it('by many at once gives one revision for one content', async () => {
      const definition = named(newName(), 'same');
      const answers = await Promise.all(Array.from({ length: 5 }, () => put(definition)));
      expect(answers.map(({ revision }) => revision)).toEqual([1, 1, 1, 1, 1]);
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
    });

    it('by rivals at once gives each content whole, under a revision of its own', async () => {
      const name = newName();
      const rivals = ['a', 'b', 'c'].map((letter) => large(name, letter, 400));
      const answers = await Promise.all(rivals.map((rival) => put(rival)));
      expect(answers.map(({ revision }) => revision).sort()).toEqual([1, 2, 3]);
      for (const [index, { revision }] of answers.entries())
        expect(await bench.repository.getDefinition({ name, revision })).toEqual(rivals[index]);
    });

    it('takes the largest there may be, and text that does not compress', async () => {
      const definition = large(newName(), 'x', LIMITS.tasksPerWorkflow);
      const bytes = Buffer.byteLength(JSON.stringify(definition));
      expect(bytes).toBeGreaterThan(0.6 * LIMITS.definitionBytes);
      expect(bytes).toBeLessThanOrEqual(LIMITS.definitionBytes);
      const { revision } = await put(definition);
      const { name } = definition;
      expect(await bench.repository.getDefinition({ name, revision })).toEqual(definition);
      expect(await put(definition)).toEqual({ revision, created: false });
      expect(await bench.repository.latestRevision(name)).toMatchObject({ taskCount: 10_000 });
    }, 60_000);
  });

  describe('the revisions of a definition', () => {
    it('say when they came, what of and how large they are', async () => {
      const name = newName();
      await put(named(name, 'one'));
      await put({ name, tasks: [{ id: 'A', function: 'A' }] }, LATER);
      const first = { name, revision: 1, createdAt: AT, description: 'one', taskCount: 5 };
      const second = { name, revision: 2, createdAt: LATER, taskCount: 1 };
      expect(await bench.repository.latestRevision(name)).toEqual(second);
      expect(await bench.repository.getRevision({ name, revision: 1 })).toEqual(first);
      expect(await bench.repository.getRevision({ name, revision: 3 })).toBeUndefined();
      expect(await bench.repository.listRevisions({ name, limit: 10 })).toEqual({
        items: [second, first],
      });
    });

    it('are listed once each, newest first, in pages of any size', async () => {
      const name = newName();
      for (let n = 1; n <= 12; n += 1) await put(named(name, `revision ${n}`));
      for (const limit of [1, 5, 11, 12, 13]) {
        const found = await everyPage((cursor) =>
          bench.repository.listRevisions({ name, limit, ...cursor }),
        );
        expect(found.map(({ revision }) => revision)).toEqual([
          12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
        ]);
      }
    });

    it('are none of a definition that is not there', async () => {
      const name = newName();
      expect(await bench.repository.latestRevision(name)).toBeUndefined();
      expect(await bench.repository.listRevisions({ name, limit: 10 })).toEqual({ items: [] });
    });
  });

  describe('the definitions', () => {
    it('are listed by their newest revisions, once each, in the order of their names', async () => {
      const names = Array.from({ length: 5 }, newName).sort();
      for (const name of names) await put(named(name, 'old'));
      for (const name of names) await put(named(name, 'new'), LATER);
      for (const limit of [1, 2, 50]) {
        const all = await everyPage((cursor) =>
          bench.repository.listDefinitions({ limit, ...cursor }),
        );
        const mine = all.filter(({ name }) => names.includes(name));
        expect(mine).toEqual(
          names.map((name) => ({
            ...{ name, revision: 2, createdAt: LATER, description: 'new' },
            taskCount: 5,
          })),
        );
        const order = all.map(({ name }) => name);
        expect(order).toEqual([...new Set(order)].sort());
      }
    });
  });
}

/** Half of each task is noise. */
const large = (name: string, description: string, tasks: number): Definition => ({
  name,
  description,
  tasks: Array.from({ length: tasks }, (_, n) => ({
    id: `task-${n}`,
    function: 'A',
    ...(n === 0 ? {} : { dependsOn: [`task-${n - 1}`] }),
    input: { noise: Array.from({ length: 6 }, () => randomUUID()).join(''), n },
  })),
});
