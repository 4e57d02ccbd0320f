import { concurrencyResponseSchema, problemSchema, workflowSchema } from '@orchestra/api-contract';
import type { Workflow } from '@orchestra/workflow-core';
import { createOrchestra, NOW } from './testing/orchestra.js';

const AT = '2026-01-02T03:04:05.006Z';

async function limited(concurrency: { limit: number; key?: string }) {
  const orchestra = createOrchestra();
  const tasks = [{ id: 'A', function: 'A' }];
  await orchestra.repository.putDefinition({ name: 'limited', concurrency, tasks }, NOW);
  const { repository, places } = orchestra;
  let made = 0;
  /** In its line, or with a place there. */
  async function stands(workflowId: string, key: string, place?: number) {
    const since = new Date(Date.parse(AT) + (made += 1) * 1_000).toISOString();
    const arrival = { workflowId, epoch: 1, since, expiresAt: 2e9 };
    const line = { definition: 'limited', key };
    if (place === undefined) await places.join(line, arrival);
    else await places.take(line, { ...arrival, index: place, takenAt: AT });
    const workflow: Workflow = {
      ...{ workflowId, status: place === undefined ? 'PENDING' : 'RUNNING', version: 1, epoch: 1 },
      ...{ definition: { name: 'limited', revision: 1 }, requestHash: 'h', concurrencyKey: key },
      ...{ input: { kind: 'inline', json: '{}' }, createdAt: since, expiresAt: 2e9 },
    };
    await repository.createWorkflow(workflow);
    return since;
  }
  const show = async (key?: string) => {
    const query = key === undefined ? {} : { query: { key } };
    const answer = await orchestra.ask('GET', '/definitions/limited/concurrency', query);
    return concurrencyResponseSchema.parse(answer.json());
  };
  return { ...orchestra, stands, show };
}

describe('who has the places of a definition', () => {
  it('is nobody at first', async () => {
    const { show } = await limited({ limit: 2 });
    expect(await show()).toEqual({ name: 'limited', limit: 2, keys: [], moreKeys: false });
  });

  it('is told with who waits, first in line first', async () => {
    const { stands, show } = await limited({ limit: 1 });
    await stands('a', '', 0);
    const [b, c] = [await stands('b', ''), await stands('c', '')];
    expect((await show()).keys).toEqual([
      {
        limit: 1,
        holders: [{ workflowId: 'a', since: AT }],
        waiting: [
          { workflowId: 'b', since: b },
          { workflowId: 'c', since: c },
        ],
        moreWaiting: false,
      },
    ]);
  });

  it('is told by key, and of one key alone when asked', async () => {
    const { stands, show } = await limited({ limit: 1, key: '{% input.customer %}' });
    await stands('a', 'x', 0);
    await stands('b', 'y', 0);
    await stands('c', 'y');
    const all = await show();
    expect(all.keys.map(({ key }) => key)).toEqual(['x', 'y']);
    expect((await show('y')).keys).toEqual([all.keys[1]]);
    expect((await show('z')).keys).toEqual([]);
  });

  it('tells the limit that the newest revision to ask has set', async () => {
    const { stands, show, places } = await limited({ limit: 3 });
    await places.setLimit({ definition: 'limited', key: '' }, { limit: 2, revision: 1 }, 2e9);
    await stands('a', '', 0);
    expect(await show()).toMatchObject({ limit: 3, keys: [{ limit: 2 }] });
  });

  it('shows so many of a long line, and says that there are more', async () => {
    const { stands, show } = await limited({ limit: 1 });
    for (let n = 0; n < 101; n += 1) await stands(`w${n}`, '');
    const [line] = (await show()).keys;
    expect([line?.waiting.length, line?.moreWaiting]).toEqual([100, true]);
  });

  it.each([
    ['/definitions/nobody/concurrency', {}, 404],
    ['/definitions/a%20b/concurrency', {}, 400],
    ['/definitions/limited/concurrency', { key: '' }, 400],
    ['/definitions/limited/concurrency', { key: 'x'.repeat(129) }, 400],
  ])('is not told at %s with %j', async (path, query, status) => {
    const { ask } = await limited({ limit: 1 });
    const answer = await ask('GET', path, { query });
    expect(problemSchema.parse(answer.json()).status).toBe(status);
  });
});

describe('a workflow that waits for a place', () => {
  it('tells its key and how many are before it', async () => {
    const { stands, ask } = await limited({ limit: 1, key: '{% input.customer %}' });
    await stands('a', 'x', 0);
    for (const id of ['b', 'c']) await stands(id, 'x');
    const show = async (id: string) =>
      workflowSchema.parse((await ask('GET', `/workflows/${id}`)).json()).waitsFor;
    expect(await show('c')).toEqual({ key: 'x', ahead: 1 });
    expect(await show('a')).toBeUndefined();
  });
});

describe('a definition with a limit of 0', () => {
  it('is refused with the reason', async () => {
    const { ask } = createOrchestra();
    const tasks = [{ id: 'A', function: 'A' }];
    const body = JSON.stringify({ tasks, concurrency: { limit: 0 } });
    const answer = await ask('PUT', '/definitions/none', { body });
    const { status, errors = [] } = problemSchema.parse(answer.json());
    expect([status, errors]).toEqual([
      400,
      [
        {
          path: 'concurrency.limit',
          message: 'must be at least 1: with a limit of 0 nothing would ever run',
        },
      ],
    ]);
  });
});
