/** The lists of workflows. Each test looks at workflows of a time, a definition or a tag of its own. */
import { randomUUID } from 'node:crypto';
import { diamond } from '../diamond.js';
import type { WorkflowQuery } from '../repository.js';
import type { WorkflowStatus } from '../state-machines.js';
import type { Workflow } from '../workflow.js';
import { AT, everyPage, finish, type Workbench } from './workbench.js';

type Filter = Omit<WorkflowQuery, 'limit' | 'cursor'>;

export function describeListing(bench: Workbench): void {
  const { newWorkflow, started } = bench;

  const listed = async (filter: Filter, limit: number): Promise<string[]> => {
    const pages = await everyPage((cursor) =>
      bench.repository.listWorkflows({ ...filter, limit, ...cursor }),
    );
    return pages.map(({ workflowId }) => workflowId);
  };
  const newest = (workflows: readonly Workflow[]) =>
    workflows
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1))
      .map(({ workflowId }) => workflowId);

  async function defined(): Promise<string> {
    const name = `listed-${randomUUID()}`;
    await bench.repository.putDefinition({ ...diamond, name }, AT);
    return name;
  }

  describe('the listing', () => {
    it('returns every workflow once, newest first, whatever the size of its pages', async () => {
      const made = Array.from({ length: 60 }, (_, n) =>
        newWorkflow({ createdAt: `2100-01-01T00:00:00.0${10 + (n % 5)}Z` }),
      );
      await Promise.all(made.map((workflow) => bench.repository.createWorkflow(workflow)));
      const from = '2100-01-01';
      for (const limit of [4, 59, 60, 61])
        expect([limit, await listed({ from }, limit)]).toEqual([limit, newest(made)]);
    });

    it('holds what a row shows of a workflow', async () => {
      const definition = await defined();
      const { workflow } = await started({ definition: { name: definition, revision: 1 } });
      await bench.repository.apply([finish(workflow, 'SUCCESS')]);
      const { items } = await bench.repository.listWorkflows({ definition, limit: 5 });
      const { workflowId, createdAt, startedAt } = workflow;
      expect(items).toEqual([
        {
          workflowId,
          status: 'SUCCESS',
          definition: { name: definition, revision: 1 },
          ...{ createdAt, startedAt },
          endedAt: '2026-01-02T03:05:05.006Z',
        },
      ]);
    });

    it('filters by status and follows it', async () => {
      await bench.repository.putDefinition(diamond, AT);
      const { workflow } = await started({ createdAt: '2099-01-01T00:00:00.000Z' });
      const holds = async (status: WorkflowStatus) =>
        (await listed({ status, from: '2099', to: '2100' }, 10)).includes(workflow.workflowId);
      expect([await holds('RUNNING'), await holds('FAILED')]).toEqual([true, false]);
      await bench.repository.apply([finish(workflow, 'FAILED')]);
      expect([await holds('RUNNING'), await holds('FAILED')]).toEqual([false, true]);
    });

    it('from a time on and before another, to the millisecond', async () => {
      const definition = { name: await defined(), revision: 1 };
      const times = [0, 1, 2, 3].map((n) => `2098-01-01T00:00:00.00${n}Z`);
      const made = times.map((createdAt) => newWorkflow({ createdAt, definition }));
      for (const workflow of made) await bench.repository.createWorkflow(workflow);
      const between = async (from?: string, to?: string) =>
        (
          await listed(
            {
              definition: definition.name,
              ...(from === undefined ? {} : { from }),
              ...(to === undefined ? {} : { to }),
            },
            1,
          )
        ).length;
      expect(await between(times[1], times[3])).toBe(2);
      expect(await between(times[1])).toBe(3);
      expect(await between(undefined, times[1])).toBe(1);
      expect(await between(times[2], times[2])).toBe(0);
      expect(await between(times[3], times[0])).toBe(0);
    });

    it('is empty for a definition or a tag that nothing has', async () => {
      expect(await listed({ definition: 'nobody' }, 10)).toEqual([]);
      expect(await listed({ tag: 'nobody' }, 10)).toEqual([]);
    });
  });

  describe('filters that are combined', () => {
    const MONTHS = ['2097-01', '2097-02', '2097-03'];
    let made: Workflow[];
    let names: string[];
    let tags: string[];

    beforeAll(async () => {
      names = [await defined(), await defined()];
      tags = [`tag=${randomUUID()}`, `tag/${randomUUID()}`];
      made = [];
      for (let n = 0; n < 48; n += 1) {
        const workflow = newWorkflow({
          createdAt: `${MONTHS[n % 3]}-01T00:00:00.0${10 + (n % 7)}Z`,
          definition: { name: names[n % 2] as string, revision: 1 },
          ...(n % 4 === 3 ? {} : { tags: tags.slice(n % 4 === 0 ? 0 : 1) }),
        });
        await bench.repository.createWorkflow(workflow);
        if (n % 5 > 1) {
          const status = n % 5 === 2 ? 'FAILED' : 'SUCCESS';
          await bench.repository.apply([finish(workflow, status)]);
          made.push({ ...workflow, status });
        } else made.push(workflow);
      }
    });

    /** Every combination, but those that list the workflows of all other tests too. */
    function everyFilter(): Filter[] {
      return combinations([
        [{}, { status: 'RUNNING' }, { status: 'SUCCESS' }, { status: 'CANCELLED' }],
        [{}, { definition: names[0] as string }],
        [{}, ...tags.map((tag) => ({ tag }))],
        [{}, { from: `${MONTHS[1]}-01T00:00:00.012Z` }],
        [{}, { to: `${MONTHS[2]}-01T00:00:00.014Z` }],
      ]).map((filter) =>
        'definition' in filter || 'tag' in filter ? filter : { from: '2097', ...filter },
      );
    }

    it('give exactly the workflows for which all of it holds, newest first', async () => {
      const mine = new Set(made.map(({ workflowId }) => workflowId));
      for (const filter of everyFilter()) {
        const found = (await listed(filter, 4)).filter((id) => mine.has(id));
        const expected = newest(made.filter((workflow) => holdsFor(workflow, filter)));
        expect([filter, found]).toEqual([filter, expected]);
      }
    });
  });

  describe('the listing of a tag', () => {
    it('leaves out what a start left behind that came second', async () => {
      const [first, second] = [`first-${randomUUID()}`, `second-${randomUUID()}`];
      const { workflow } = await started({ tags: [first] });
      const rivals = Array.from({ length: 6 }, (_, n) =>
        newWorkflow({
          workflowId: `rival-${workflow.workflowId}`,
          tags: [second],
          createdAt: `2026-01-02T03:04:05.00${n}Z`,
        }),
      );
      const answers = await Promise.all(
        rivals.map((rival) => bench.repository.createWorkflow(rival)),
      );
      const winner = rivals[answers.findIndex(({ kind }) => kind === 'created')];
      await bench.repository.createWorkflow({ ...workflow, tags: [second] });
      const { items } = await bench.repository.listWorkflows({ tag: second, limit: 10 });
      expect(items).toMatchObject([
        { workflowId: winner?.workflowId, createdAt: winner?.createdAt },
      ]);
      expect(await listed({ tag: first }, 10)).toEqual([workflow.workflowId]);
    });

    it('shows a workflow as it has become', async () => {
      const tag = `becoming-${randomUUID()}`;
      const { workflow } = await started({ tags: [tag] });
      await bench.repository.apply([finish(workflow, 'FAILED')]);
      const { items } = await bench.repository.listWorkflows({ tag, limit: 10 });
      expect(items).toMatchObject([{ workflowId: workflow.workflowId, status: 'FAILED' }]);
      expect(items[0]).toHaveProperty('endedAt');
    });
  });
}

const combinations = (choices: readonly (readonly Filter[])[]): Filter[] =>
  choices.reduce<Filter[]>(
    (all, some) => all.flatMap((filter) => some.map((one) => ({ ...filter, ...one }))),
    [{}],
  );

const keyOf = ({ createdAt, workflowId }: Workflow) => `${createdAt}#${workflowId}`;

const holdsFor = (workflow: Workflow, { status, definition, tag, from, to }: Filter): boolean =>
  [
    status === undefined || status === workflow.status,
    definition === undefined || definition === workflow.definition.name,
    tag === undefined || workflow.tags?.includes(tag),
    from === undefined || from <= workflow.createdAt,
    to === undefined || workflow.createdAt < to,
  ].every(Boolean);
