import {
  definitionDetailSchema,
  listDefinitionsResponseSchema,
  listRevisionsResponseSchema,
  problemSchema,
  validateDefinitionResponseSchema,
} from '@orchestra/api-contract';
import { LIMITS, diamond } from '@orchestra/workflow-core';
import { createOrchestra, NOW, type Ask } from './testing/orchestra.js';

const json = (body: unknown): Ask => ({
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});
const tasks = [
  { id: 'load', function: 'A' },
  { id: 'sum', function: 'B1', dependsOn: ['load'], when: '{% tasks.load.output.n > 0 %}' },
];
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

describe('storing a definition', () => {
  it('answers 201 with its first revision and where to find it', async () => {
    const { ask } = createOrchestra();
    const answer = await ask('PUT', '/definitions/etl', json({ name: 'etl', tasks }));
    expect([answer.status, answer.json()]).toEqual([
      201,
      { name: 'etl', revision: 1, created: true },
    ]);
    expect(answer.headers['location']).toBe('/prod/definitions/etl/revisions/1');
    const shown = await ask('GET', '/definitions/etl/revisions/1');
    expect(definitionDetailSchema.parse(shown.json())).toEqual({
      name: 'etl',
      revision: 1,
      createdAt: NOW,
      definition: { name: 'etl', tasks },
    });
  });

  it('answers 200 with the present revision when nothing is new, and 201 with the next when something is', async () => {
    const { ask } = createOrchestra();
    await ask('PUT', '/definitions/etl', json({ tasks }));
    const same = await ask('PUT', '/definitions/etl', json({ name: 'etl', tasks }));
    expect([same.status, same.json()]).toEqual([200, { name: 'etl', revision: 1, created: false }]);
    const next = await ask('PUT', '/definitions/etl', json({ tasks: tasks.slice(0, 1) }));
    expect([next.status, next.json()]).toEqual([201, { name: 'etl', revision: 2, created: true }]);
  });

  it.each([
    ['another name than its address', { name: 'elt', tasks }, 'name'],
    ['no tasks', {}, 'tasks'],
    ['a function nobody registered', { tasks: [{ id: 'A', function: 'X' }] }, 'tasks[0].function'],
    ['an unknown field', { tasks, retries: 1 }, ''],
    [
      'an upstream that is not there',
      { tasks: [{ id: 'A', function: 'A', dependsOn: ['B'] }] },
      'tasks[0].dependsOn[0]',
    ],
    ['a list', [], ''],
    [
      'nesting too deep',
      { tasks: [{ id: 'A', function: 'A', input: nested(40) }] },
      'tasks[0].input.a',
    ],
  ])('refuses %s, and names the place', async (_, body, path) => {
    const { ask, repository } = createOrchestra();
    const answer = await ask('PUT', '/definitions/etl', json(body));
    const { status, errors = [] } = problemSchema.parse(answer.json());
    expect(status).toBe(400);
    expect(errors.map((issue) => issue.path.slice(0, path.length))).toContain(path);
    expect(await repository.latestRevision('etl')).toBeUndefined();
  });

  it('takes a body of 4 MiB, and no larger one', async () => {
    const { ask } = createOrchestra();
    const sized = (bytes: number) => {
      const body = JSON.stringify({ tasks: [{ id: 'A', function: 'A', input: '' }] });
      return body.replace('""', `"${'x'.repeat(bytes - body.length)}"`);
    };
    const put = (body: string) => ask('PUT', '/definitions/etl', { body });
    expect((await put(sized(LIMITS.definitionBytes))).status).toBe(201);
    expect((await put(sized(LIMITS.definitionBytes + 1))).status).toBe(413);
  });

  it('refuses one that could not be read again, because Lambda lets no answer as large out', async () => {
    const { ask } = createOrchestra();
    // Every quote travels as two characters.
    const input = Array.from({ length: 1_390_000 }, () => '');
    const answer = await ask(
      'PUT',
      '/definitions/etl',
      json({ tasks: [{ id: 'A', function: 'A', input }] }),
    );
    expect(problemSchema.parse(answer.json())).toMatchObject({
      status: 413,
      detail: expect.stringContaining('escaped'),
    });
  });

  it.each(['a%20b', 'constructor'])('refuses the name %s', async (name) => {
    const answer = await createOrchestra().ask('PUT', `/definitions/${name}`, json({ tasks }));
    expect(problemSchema.parse(answer.json())).toMatchObject({ errors: [{ path: 'name' }] });
  });
});

describe('validating a definition', () => {
  const validate = async (ask: Ask) => {
    const { ask: send, repository } = createOrchestra();
    const answer = await send('POST', '/definitions:validate', ask);
    expect((await repository.listDefinitions({ limit: 1 })).items).toEqual([]);
    return answer;
  };

  it('answers 200 for a valid one', async () => {
    const answer = await validate(json({ name: 'etl', tasks }));
    expect([answer.status, answer.json()]).toEqual([200, { valid: true, issues: [] }]);
  });

  it('answers 200 with every issue of another one', async () => {
    const broken = [{ id: 'A', function: 'X', dependsOn: ['B'] }];
    const answer = await validate(json({ name: 'etl', tasks: broken }));
    const { valid, issues } = validateDefinitionResponseSchema.parse(answer.json());
    expect([answer.status, valid]).toEqual([200, false]);
    expect(issues.map(({ path }) => path).sort()).toEqual([
      'tasks[0].dependsOn[0]',
      'tasks[0].function',
    ]);
  });

  it.each([[[]], ['text'], [null], [nested(40)], [{}]])(
    'answers 200 for %j too',
    async (document) => {
      const answer = await validate(json(document));
      expect([answer.status, answer.json()]).toMatchObject([200, { valid: false }]);
    },
  );

  it('answers 400 for what is no JSON', async () => {
    expect((await validate({ body: '{' })).status).toBe(400);
  });
});

describe('listing definitions', () => {
  it('shows the sample where nothing was stored yet', async () => {
    const answer = await createOrchestra().ask('GET', '/definitions');
    expect(listDefinitionsResponseSchema.parse(answer.json())).toEqual({
      definitions: [
        {
          name: 'diamond',
          revision: 1,
          createdAt: NOW,
          description: diamond.description,
          taskCount: 5,
        },
      ],
    });
  });

  it('gives the newest revision of each once, in the order of their names, over as many pages as there are', async () => {
    const { ask } = createOrchestra();
    for (const name of ['b', 'a', 'c']) await ask('PUT', `/definitions/${name}`, json({ tasks }));
    await ask('PUT', '/definitions/a', json({ tasks: tasks.slice(0, 1) }));
    const seen: [string, number, number][] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: '2', ...(cursor === undefined ? {} : { cursor }) };
      const answer = await ask('GET', '/definitions', { query });
      const page = listDefinitionsResponseSchema.parse(answer.json());
      for (const { name, revision, taskCount } of page.definitions)
        seen.push([name, revision, taskCount]);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual([
      ['a', 2, 1],
      ['b', 1, 2],
      ['c', 1, 2],
      ['diamond', 1, 5],
    ]);
  });
});

describe('showing a definition', () => {
  const withTwo = async () => {
    const orchestra = createOrchestra();
    await orchestra.ask('PUT', '/definitions/etl', json({ tasks }));
    await orchestra.ask('PUT', '/definitions/etl', json({ tasks: tasks.slice(0, 1) }));
    return orchestra;
  };

  it('shows the newest revision, or the one asked for', async () => {
    const { ask } = await withTwo();
    expect((await ask('GET', '/definitions/etl')).json()).toMatchObject({ revision: 2 });
    expect((await ask('GET', '/definitions/etl/revisions/1')).json()).toMatchObject({
      revision: 1,
      definition: { name: 'etl', tasks },
    });
  });

  it('lists its revisions, newest first', async () => {
    const { ask } = await withTwo();
    const first = await ask('GET', '/definitions/etl/revisions', { query: { limit: '1' } });
    const { revisions, nextCursor } = listRevisionsResponseSchema.parse(first.json());
    expect(revisions).toMatchObject([{ revision: 2, taskCount: 1 }]);
    const query = { limit: '1', cursor: nextCursor ?? '' };
    expect((await ask('GET', '/definitions/etl/revisions', { query })).json()).toEqual({
      revisions: [{ name: 'etl', revision: 1, createdAt: NOW, taskCount: 2 }],
    });
    expect((await ask('GET', '/definitions/diamond/revisions', { query })).status).toBe(400);
  });

  it('shows the sample like any other', async () => {
    const answer = await createOrchestra().ask('GET', '/definitions/diamond');
    expect(definitionDetailSchema.parse(answer.json()).definition).toEqual(diamond);
  });

  it.each([
    ['/definitions/nobody', 404],
    ['/definitions/nobody/revisions', 404],
    ['/definitions/nobody/revisions/1', 404],
    ['/definitions/etl/revisions/3', 404],
    ['/definitions/etl/revisions/0', 400],
    ['/definitions/etl/revisions/one', 400],
    ['/definitions/etl/revisions/99999999999999999999', 400],
  ])('answers for %s %i', async (path, status) => {
    const answer = await (await withTwo()).ask('GET', path);
    expect(problemSchema.parse(answer.json()).status).toBe(status);
  });
});

describe('a definition whose tasks run other workflows', () => {
  const running = (...names: string[]) =>
    json({ tasks: names.map((name, index) => ({ id: `W${index}`, workflow: { name } })) });
  const issuesOf = (text: unknown) => problemSchema.parse(text).errors;

  it('is stored when they are there', async () => {
    const { ask } = createOrchestra();
    await ask('PUT', '/definitions/inner', json({ tasks }));
    expect((await ask('PUT', '/definitions/outer', running('inner', 'diamond'))).status).toBe(201);
  });

  it('is refused when one of them, or its revision, is not', async () => {
    const { ask } = createOrchestra();
    await ask('PUT', '/definitions/inner', json({ tasks }));
    const workflow = { name: 'inner', revision: 2 };
    const answer = await ask(
      'PUT',
      '/definitions/outer',
      json({
        tasks: [
          { id: 'W', workflow },
          { id: 'X', workflow: { name: 'nowhere' } },
        ],
      }),
    );
    expect(answer.status).toBe(400);
    expect(issuesOf(answer.json())).toEqual([
      { path: 'tasks[0].workflow', message: 'there is no revision 2 of a definition "inner"' },
      { path: 'tasks[1].workflow', message: 'there is no definition "nowhere"' },
    ]);
  });

  it('is refused when it would run itself, with the way on which it does', async () => {
    const { ask } = createOrchestra();
    await ask('PUT', '/definitions/a', json({ tasks }));
    await ask('PUT', '/definitions/b', running('a'));
    const answer = await ask('PUT', '/definitions/a', running('b'));
    expect(answer.status).toBe(400);
    expect(issuesOf(answer.json())).toEqual([
      { path: 'tasks[0].workflow', message: 'a workflow would run itself: a -> b -> a' },
    ]);
    expect((await ask('GET', '/definitions/a/revisions/2')).status).toBe(404);
  });

  it('is told so when it is only validated', async () => {
    const { ask } = createOrchestra();
    const body = json({ name: 'a', tasks: [{ id: 'W', workflow: { name: 'a' } }] });
    const answer = await ask('POST', '/definitions:validate', body);
    expect(validateDefinitionResponseSchema.parse(answer.json())).toEqual({
      valid: false,
      issues: [{ path: 'tasks[0].workflow', message: 'a workflow would run itself: a -> a' }],
    });
  });
});
