import { createOrchestra, startIn, type Ask } from './testing/orchestra.js';

async function withWorkflow() {
  const orchestra = createOrchestra();
  await startIn(orchestra.repository)({ mode: 'start', workflowId: 'w-1', input: { n: 1 } });
  return orchestra;
}
const having = (...tags: string[]): Ask => ({ headers: { 'If-None-Match': tags.join(', ') } });

describe('a read that its asker made before', () => {
  it.each([
    '/workflows',
    '/workflows/w-1',
    '/workflows/w-1/tasks',
    '/workflows/w-1/tasks/A',
    '/workflows/w-1/tasks/A/explain',
    '/workflows/w-1/events',
    '/definitions/diamond',
    '/openapi.json',
  ])('of %s travels without a body while nothing changed', async (path) => {
    const { ask } = await withWorkflow();
    const first = await ask('GET', path);
    const { etag = '' } = first.headers;
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(first.headers['cache-control']).toBe('no-cache');
    const again = await ask('GET', path, having(etag));
    expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', etag]);
  });

  it.each([
    ['the tag among others', (tag: string) => ['"other"', tag], 304],
    ['a weak one', (tag: string) => [`W/${tag}`], 304],
    ['any', () => ['*'], 304],
    ['another tag', () => ['"other"'], 200],
    ['a tag without its quotes', (tag: string) => [tag.slice(1, -1)], 200],
  ])('knows %s', async (_, tags, status) => {
    const { ask } = await withWorkflow();
    const { etag = '' } = (await ask('GET', '/workflows/w-1')).headers;
    expect((await ask('GET', '/workflows/w-1', having(...tags(etag)))).status).toBe(status);
  });

  it('travels whole once something changed', async () => {
    const { ask, repository } = await withWorkflow();
    const { etag = '' } = (await ask('GET', '/workflows/w-1')).headers;
    await repository.apply([
      {
        kind: 'stop',
        workflowId: 'w-1',
        epoch: 1,
        definition: { name: 'diamond', revision: 1 },
        status: 'CANCELLED',
        by: 'operator',
        at: '2030-01-01T00:00:01.000Z',
      },
    ]);
    const after = await ask('GET', '/workflows/w-1', having(etag));
    expect([after.status, after.json()]).toMatchObject([200, { status: 'CANCELLED' }]);
  });

  it('is no answer to a problem', async () => {
    const { ask } = await withWorkflow();
    const answer = await ask('GET', '/workflows/nobody', having('*'));
    expect([answer.status, answer.headers['etag']]).toEqual([404, undefined]);
  });

  it('may be seen by a page of another origin', async () => {
    const { ask } = await withWorkflow();
    const headers = { Origin: 'https://orchestra.example', 'If-None-Match': '*' };
    const answer = await ask('GET', '/workflows/w-1', { headers });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://orchestra.example',
      'access-control-expose-headers': expect.stringContaining('ETag'),
    });
  });
});
