import {
  ApiProblemError,
  ApiUnreachableError,
  UnreadableAnswerError,
  createClient,
  isPassing,
  pagesOf,
  type Client,
  type ClientOptions,
} from './index.js';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A client whose every request is answered so. */
function clientOf(
  answer: () => Response | Promise<Response>,
  options: Partial<ClientOptions> = {},
) {
  const sent: Sent[] = [];
  const client = createClient({
    baseUrl: 'https://a.example/prod/',
    fetch: async (url, init = {}) => {
      sent.push({ url: String(url), init });
      return answer();
    },
    ...options,
  });
  return { client, sent };
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

const answering = (status: number, body: string): Client =>
  clientOf(() => new Response(body, { status })).client;

describe('a call of the client', () => {
  it('asks below its base and parses what comes', async () => {
    const { client, sent } = clientOf(() => Response.json({ status: 'ok' }));
    await expect(client.getHealth()).resolves.toEqual({ status: 'ok' });
    expect(sent[0]).toMatchObject({
      url: 'https://a.example/prod/health',
      init: { method: 'GET' },
    });
    expect(sent[0]?.init.body).toBeUndefined();
  });

  it('fills in the path, and leaves out of the query what has no value', async () => {
    const { client, sent } = clientOf(() => Response.json({ tasks: [] }));
    await client.listTasks({ workflowId: 'a/b c', limit: 10, cursor: undefined, status: 'FAILED' });
    expect(sent[0]?.url).toBe(
      'https://a.example/prod/workflows/a%2Fb%20c/tasks?limit=10&status=FAILED',
    );
  });

  it('asks for an item of a map by its id, encoded', async () => {
    const { client, sent } = clientOf(() => Response.json({}));
    await failureOf(client.getTask({ workflowId: 'w', taskId: 'B[3]' }));
    expect(sent[0]?.url).toBe('https://a.example/prod/workflows/w/tasks/B%5B3%5D');
  });

  it('sends JSON, and an idempotency key where one is given', async () => {
    const started = { workflowId: 'w', status: 'RUNNING' };
    const { client, sent } = clientOf(() => Response.json(started, { status: 202 }));
    await client.startWorkflow({ body: { workflowId: 'w' } }, { idempotencyKey: 'k-1' });
    await client.cancelWorkflow({ workflowId: 'w' });
    expect(sent).toMatchObject([
      {
        init: {
          method: 'POST',
          body: '{"workflowId":"w"}',
          headers: { 'content-type': 'application/json', 'idempotency-key': 'k-1' },
        },
      },
      { init: { body: '{}' } },
    ]);
  });

  it('tells no answer from a refusal', async () => {
    const { client } = clientOf(() => Promise.reject(new TypeError('failed')));
    const failure = await failureOf(client.getHealth());
    expect(failure).toBeInstanceOf(ApiUnreachableError);
    expect(isPassing(failure)).toBe(true);
  });

  it('takes an answer that breaks off for none', async () => {
    const broken = new ReadableStream({ pull: (stream) => stream.error(new TypeError('reset')) });
    const { client } = clientOf(() => new Response(broken));
    expect(await failureOf(client.getHealth())).toBeInstanceOf(ApiUnreachableError);
  });

  it.each(['of the call', 'of the client'])(
    'passes on that the caller gave up, by the signal %s',
    async (whose) => {
      const gaveUp = new AbortController();
      gaveUp.abort();
      const { signal } = gaveUp;
      const reason = new Error('aborted');
      const { client } = clientOf(
        () => Promise.reject(reason),
        whose === 'of the client' ? { signal } : {},
      );
      const call = client.getHealth({}, whose === 'of the call' ? { signal } : {});
      expect(await failureOf(call)).toBe(reason);
    },
  );

  it('keeps the problem details of a refusal', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Bad request',
      status: 400,
      errors: [{ path: 'workflowId', message: 'is too long' }],
    };
    const failure = await failureOf(answering(400, JSON.stringify(problem)).getHealth());
    expect(failure).toMatchObject({ problem, isOfApi: true });
    expect(isPassing(failure)).toBe(false);
  });

  it.each([
    [403, '{"message":"Missing Authentication Token"}', 'Missing Authentication Token'],
    [502, '<html>Bad gateway</html>', 'The API answered with status 502'],
    [500, '', 'The API answered with status 500'],
  ])('makes a problem of a gateway that says %i in its own form', async (status, body, title) => {
    const failure = await failureOf(answering(status, body).getHealth());
    expect(failure).toBeInstanceOf(ApiProblemError);
    expect(failure).toMatchObject({ message: title, problem: { status }, isOfApi: false });
  });

  it.each([
    [404, false],
    [409, false],
    [429, true],
    [500, true],
    [503, true],
  ])('expects a %i to pass by itself: %p', async (status, passing) => {
    expect(isPassing(await failureOf(answering(status, '').getHealth()))).toBe(passing);
  });

  it.each(['{"status":"fine"}', 'not json', ''])('does not trust the answer %p', async (body) => {
    expect(await failureOf(answering(200, body).getHealth())).toBeInstanceOf(UnreadableAnswerError);
  });

  it("fails with its caller's own error where one is made", async () => {
    const own = new Error('mine');
    const { client } = clientOf(() => new Response('', { status: 500 }), { failure: () => own });
    expect(await failureOf(client.getHealth())).toBe(own);
  });
});

describe('the pages of a list', () => {
  it('are asked for one after the other, each when it is wanted', async () => {
    const asked: (string | undefined)[] = [];
    const pages = pagesOf(async (cursor) => {
      asked.push(cursor);
      return cursor === 'b' ? { n: 3 } : { n: asked.length, nextCursor: cursor ? 'b' : 'a' };
    });
    await pages.next();
    expect(asked).toEqual([undefined]);
    const rest: number[] = [];
    for await (const { n } of pages) rest.push(n);
    expect(rest).toEqual([2, 3]);
    expect(asked).toEqual([undefined, 'a', 'b']);
  });
});
