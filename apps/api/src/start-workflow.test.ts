import fc from 'fast-check';
import { problemSchema, startWorkflowResponseSchema } from '@orchestra/api-contract';
import { LIMITS } from '@orchestra/workflow-core';
import { ProblemError } from './problems.js';
import { createOrchestra, NOW, type Ask } from './testing/orchestra.js';

const json = (body: unknown): Ask => ({
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});

describe('starting a workflow', () => {
  it('answers 202 with the id asked for and where to find it', async () => {
    const { ask } = createOrchestra();
    const answer = await ask('POST', '/workflows', json({ workflowId: 'w-1', input: { n: 1 } }));
    expect(answer.status).toBe(202);
    expect(startWorkflowResponseSchema.parse(answer.json())).toEqual({
      workflowId: 'w-1',
      status: 'RUNNING',
    });
    expect(answer.headers['location']).toBe('/prod/workflows/w-1');
    expect((await ask('GET', '/workflows/w-1')).json()).toMatchObject({ input: { n: 1 } });
  });

  it('makes an id when there is none', async () => {
    const { ask } = createOrchestra();
    expect((await ask('POST', '/workflows', json({}))).json()).toMatchObject({
      workflowId: 'made-1',
    });
    expect((await ask('POST', '/workflows')).json()).toMatchObject({ workflowId: 'made-2' });
  });

  it('answers 200 with the same workflow for the same id and body', async () => {
    const { ask } = createOrchestra();
    await ask('POST', '/workflows', json({ workflowId: 'w-1', input: 7 }));
    const again = await ask('POST', '/workflows', json({ workflowId: 'w-1', input: 7 }));
    expect([again.status, again.json()]).toEqual([200, { workflowId: 'w-1', status: 'RUNNING' }]);
  });

  it('answers 409 for the same id and another body', async () => {
    const { ask } = createOrchestra();
    await ask('POST', '/workflows', json({ workflowId: 'w-1', input: 7 }));
    const other = await ask('POST', '/workflows', json({ workflowId: 'w-1', input: 8 }));
    expect(other.status).toBe(409);
    expect(problemSchema.parse(other.json())).toMatchObject({
      type: 'urn:orchestra:problem:workflow-conflict',
    });
  });

  it('starts the definition asked for, by its name or one revision of it, with its tags', async () => {
    const { ask, repository } = createOrchestra();
    const tasks = [{ id: 'T', function: 'A' }];
    await repository.putDefinition({ name: 'etl', tasks }, NOW);
    await repository.putDefinition({ name: 'etl', description: 'second', tasks }, NOW);
    await ask('POST', '/workflows', json({ workflowId: 'w-1', definition: 'etl', tags: ['a=1'] }));
    const definition = { name: 'etl', revision: 2 };
    await ask('POST', '/workflows', json({ workflowId: 'w-2', definition }));
    expect((await ask('GET', '/workflows/w-1')).json()).toMatchObject({
      definition: { name: 'etl' },
      tags: ['a=1'],
    });
    expect((await ask('GET', '/workflows/w-2')).json()).toMatchObject({ definition });
  });

  it('answers 404 for a definition that is not there', async () => {
    const answer = await createOrchestra().ask('POST', '/workflows', json({ definition: 'etl' }));
    expect(problemSchema.parse(answer.json())).toMatchObject({
      status: 404,
      type: 'urn:orchestra:problem:not-found',
    });
  });

  it('answers 400 with what of the input does not meet the schema of its definition', async () => {
    const issues = [{ path: 'input.url', message: 'must be a string' }];
    const { ask } = createOrchestra({
      orchestrator: { start: async () => ({ kind: 'invalid', issues }) },
    });
    const answer = await ask('POST', '/workflows', json({ input: { url: 1 } }));
    expect(problemSchema.parse(answer.json())).toMatchObject({ status: 400, errors: issues });
  });

  describe('with an idempotency key', () => {
    const keyed = (body: unknown, key = 'order-17'): Ask => ({
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    });

    it('is the same workflow for the same key and body, and a conflict for another body', async () => {
      const { ask } = createOrchestra();
      const first = await ask('POST', '/workflows', keyed({ input: 1 }));
      const again = await ask('POST', '/workflows', keyed({ input: 1 }));
      const other = await ask('POST', '/workflows', keyed({ input: 2 }));
      expect([first.status, again.status, other.status]).toEqual([202, 200, 409]);
      expect(startWorkflowResponseSchema.parse(first.json()).workflowId).toMatch(
        /^key-[0-9a-f]{26}$/,
      );
      expect(again.json()).toEqual(first.json());
    });

    it('is another workflow for another key', async () => {
      const { ask } = createOrchestra();
      const one = await ask('POST', '/workflows', keyed({}, 'one'));
      const two = await ask('POST', '/workflows', keyed({}, 'two'));
      expect(one.json()).not.toEqual(two.json());
    });

    it('has the id that the body names', async () => {
      const answer = await createOrchestra().ask(
        'POST',
        '/workflows',
        keyed({ workflowId: 'w-1' }),
      );
      expect(answer.json()).toMatchObject({ workflowId: 'w-1' });
    });

    it.each(['', 'a b', 'x'.repeat(256)])('refuses the key %j', async (key) => {
      const answer = await createOrchestra().ask('POST', '/workflows', keyed({}, key));
      expect(problemSchema.parse(answer.json())).toMatchObject({
        status: 400,
        errors: [{ path: 'Idempotency-Key' }],
      });
    });
  });

  it('does not pass on the functions an older client names', async () => {
    const asked: unknown[] = [];
    const { ask } = createOrchestra({
      orchestrator: {
        start: async (request) => {
          asked.push(request);
          return { kind: 'created', workflowId: request.workflowId, status: 'RUNNING' };
        },
      },
    });
    const lambdas = { A: 'arn:aws:lambda:eu-west-1:111111111111:function:other' };
    const answer = await ask('POST', '/workflows', json({ workflowId: 'w-1', lambdas }));
    expect(answer.status).toBe(202);
    expect(asked).toEqual([{ mode: 'start', workflowId: 'w-1' }]);
  });

  it.each([
    undefined,
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.orchestra+json',
  ])('takes JSON that comes as %s', async (type) => {
    const { ask } = createOrchestra();
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    expect((await ask('POST', '/workflows', { body: '{}', headers })).status).toBe(202);
  });

  it('takes a body that API Gateway sends in base64', async () => {
    const { ask } = createOrchestra();
    const answer = await ask('POST', '/workflows', { body: '{"workflowId":"w-1"}', base64: true });
    expect(answer.json()).toMatchObject({ workflowId: 'w-1' });
  });

  it.each([null, 0, false, '', 'text', [1], { deep: { er: [null] } }])(
    'keeps the input %j as it is',
    async (input) => {
      const { ask } = createOrchestra();
      await ask('POST', '/workflows', json({ workflowId: 'w-1', input }));
      expect((await ask('GET', '/workflows/w-1')).json()).toMatchObject({ input });
    },
  );
});

/** What is refused is refused before anything is written. */
async function refused(ask: Ask) {
  const orchestra = createOrchestra();
  const answer = await orchestra.ask('POST', '/workflows', ask);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect((await orchestra.repository.listWorkflows({ limit: 1 })).items).toEqual([]);
  expect(orchestra.logged).toEqual([]);
  const problem = problemSchema.parse(answer.json());
  expect(problem).toMatchObject({ status: answer.status, requestId: 'request-1' });
  expect(answer.text).not.toMatch(/\.[jt]s:\d+/);
  return problem;
}

describe('a body that cannot be taken', () => {
  it.each(['{', 'null,', 'undefined', '{"workflowId":"w",}', '\u0000'])(
    'answers 400 for broken JSON: %j',
    async (body) => {
      expect(await refused({ body })).toMatchObject({ status: 400, title: 'The body is not JSON' });
    },
  );

  it('answers 400 for text that is not UTF-8', async () => {
    expect(await refused({ body: '"\xff\xfe"', base64: true })).toMatchObject({
      status: 400,
      detail: 'the body is not UTF-8',
    });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'answers 415 for %s',
    async (type) => {
      expect(await refused({ body: '{}', headers: { 'Content-Type': type } })).toMatchObject({
        status: 415,
      });
    },
  );

  it('answers 413 above the limit of bytes and takes one of exactly the limit', async () => {
    const input = 'é'.repeat((LIMITS.bodyBytes - '{"input":""}'.length) / 2);
    const { ask } = createOrchestra();
    expect((await ask('POST', '/workflows', json({ input }))).status).toBe(202);
    expect(await refused(json({ input: `${input}x` }))).toMatchObject({ status: 413 });
  });

  it.each([[[]], ['text'], [7], [true], [null]])(
    'answers 400 for the document %j',
    async (body) => {
      expect(await refused(json(body))).toMatchObject({ status: 400, errors: [{ path: '' }] });
    },
  );

  it('names every issue with its path', async () => {
    const problem = await refused({
      body: '{"workflowId":7,"inputs":{},"input":{"a":[1,1e999],"b":{"__proto__":1}},"id":"w"}',
    });
    expect(problem.errors).toEqual([
      { path: 'input.a[1]', message: 'is a number out of range' },
      { path: 'input.b.__proto__', message: 'cannot be kept under this name' },
      { path: 'workflowId', message: expect.stringContaining('expected string') },
      { path: 'inputs', message: 'is not a field of this request' },
      { path: 'id', message: 'is not a field of this request' },
    ]);
  });

  it.each([
    '',
    'a#b',
    'a/b',
    '../b',
    'a b',
    '-a',
    'é',
    'a'.repeat(LIMITS.idLength + 1),
    'constructor',
    'toString',
    'prototype',
  ])('refuses the id %j', async (workflowId) => {
    expect(await refused(json({ workflowId }))).toMatchObject({
      status: 400,
      errors: [{ path: 'workflowId' }],
    });
  });

  it('takes a document of the deepest nesting and refuses one level more', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const { ask } = createOrchestra();
    const deepest = { body: `{"input":${nested(LIMITS.jsonDepth - 1)}}` };
    expect((await ask('POST', '/workflows', deepest)).status).toBe(202);
    expect(await refused({ body: `{"input":${nested(LIMITS.jsonDepth)}}` })).toMatchObject({
      status: 400,
      errors: [{ path: expect.stringMatching(/^input(\[0\]){31}$/) }],
    });
  });

  it('survives the deepest nesting that fits', async () => {
    const levels = 500_000;
    expect(await refused({ body: '['.repeat(levels) + ']'.repeat(levels) })).toMatchObject({
      status: 400,
    });
  });

  it('names the first hundred issues and counts the others', async () => {
    const fields = Array.from({ length: 150 }, (_, index) => [`field${index}`, 0]);
    const { errors = [] } = await refused(json(Object.fromEntries(fields)));
    expect(errors).toHaveLength(101);
    expect(errors.at(-1)).toEqual({ path: '', message: 'and 50 more' });
  });

  it('answers with less than it was sent, whatever the names of the fields', async () => {
    const name = 'n'.repeat(500_000);
    const { errors } = await refused({ body: `{"input":{"${name}":[1e999,1e999,1e999]}}` });
    expect(errors).toHaveLength(3);
    for (const { path } of errors ?? []) expect(path.length).toBeLessThan(250);
  });
});

describe('any body at all', () => {
  it('never gets a 5xx, and a problem or a workflow always', async () => {
    const document = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc
        .record({ workflowId: fc.jsonValue(), input: fc.jsonValue() }, { requiredKeys: [] })
        .map((body) => JSON.stringify(body)),
      fc
        .record({
          workflowId: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,9}$/),
          input: fc.jsonValue(),
        })
        .map((body) => JSON.stringify(body)),
    );
    const type = fc.option(fc.constantFrom('application/json', 'text/plain', '', 'é'), {
      nil: undefined,
    });
    await fc.assert(
      fc.asyncProperty(document, type, fc.boolean(), async (body, contentType, base64) => {
        const { ask, logged } = createOrchestra();
        const headers: Record<string, string> =
          contentType === undefined ? {} : { 'Content-Type': contentType };
        const answer = await ask('POST', '/workflows', { body, headers, base64 });
        expect(logged).toEqual([]);
        if (answer.status < 300) startWorkflowResponseSchema.parse(answer.json());
        else {
          expect([400, 413, 415]).toContain(answer.status);
          problemSchema.parse(answer.json());
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a start that is not answered', () => {
  it('answers 503, when to try again and how to be sure', async () => {
    const { ask, logged } = createOrchestra({
      orchestrator: {
        start: async () => {
          throw new ProblemError('ORCHESTRATOR_UNAVAILABLE', 'send the request again', {
            cause: new Error('Rate exceeded'),
          });
        },
      },
    });
    const answer = await ask('POST', '/workflows', json({}));
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect(problemSchema.parse(answer.json())).toMatchObject({ detail: 'send the request again' });
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { requestId: 'request-1', cause: 'Error: Rate exceeded' },
    ]);
  });
});
