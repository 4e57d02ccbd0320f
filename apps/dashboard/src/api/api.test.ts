import { healthResponseSchema, startWorkflowResponseSchema } from '@orchestra/api-contract';
import { createApi } from './api.js';
import {
  ApiProblemError,
  ApiUnreachableError,
  UnreadableAnswerError,
  isPassing,
} from './api-errors.js';

const answering = (status: number, body: string) =>
  createApi('https://a.example/prod', async () => new Response(body, { status }));

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('calling the API', () => {
  it('asks below its base and parses what comes', async () => {
    const asked: string[] = [];
    const api = createApi('https://a.example/prod', async (url) => {
      asked.push(String(url));
      return Response.json({ status: 'ok' });
    });
    await expect(api.get('/health', healthResponseSchema)).resolves.toEqual({ status: 'ok' });
    expect(asked).toEqual(['https://a.example/prod/health']);
  });

  it('sends JSON', async () => {
    let sent: RequestInit | undefined;
    const api = createApi('https://a.example', async (_url, init) => {
      sent = init;
      return Response.json({ workflowId: 'w', status: 'RUNNING' }, { status: 202 });
    });
    await api.post('/workflows', { workflowId: 'w' }, startWorkflowResponseSchema);
    expect(sent).toMatchObject({
      method: 'POST',
      body: '{"workflowId":"w"}',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('tells no answer from a refusal', async () => {
    const api = createApi('https://a.example', () => Promise.reject(new TypeError('failed')));
    const failure = await failureOf(api.get('/health', healthResponseSchema));
    expect(failure).toBeInstanceOf(ApiUnreachableError);
    expect(isPassing(failure)).toBe(true);
  });

  it('passes on that the caller gave up', async () => {
    const gaveUp = new AbortController();
    gaveUp.abort();
    const api = createApi('https://a.example', () => Promise.reject(new Error('aborted')));
    const failure = await failureOf(api.get('/health', healthResponseSchema, gaveUp.signal));
    expect(failure).not.toBeInstanceOf(ApiUnreachableError);
  });

  it('keeps the problem details of a refusal', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Bad request',
      status: 400,
      errors: [{ path: 'workflowId', message: 'is too long' }],
    };
    const failure = await failureOf(
      answering(400, JSON.stringify(problem)).get('/x', healthResponseSchema),
    );
    expect(failure).toMatchObject({ problem });
    expect(isPassing(failure)).toBe(false);
  });

  it.each([
    [403, '{"message":"Missing Authentication Token"}', 'Missing Authentication Token'],
    [502, '<html>Bad gateway</html>', 'The API answered with status 502'],
    [500, '', 'The API answered with status 500'],
  ])('makes a problem of a gateway that says %i in its own form', async (status, body, title) => {
    const failure = await failureOf(answering(status, body).get('/x', healthResponseSchema));
    expect(failure).toBeInstanceOf(ApiProblemError);
    expect(failure).toMatchObject({ message: title, problem: { status } });
  });

  it.each([
    [404, false],
    [409, false],
    [429, true],
    [500, true],
    [503, true],
  ])('expects a %i to pass by itself: %p', async (status, passing) => {
    const failure = await failureOf(answering(status, '').get('/x', healthResponseSchema));
    expect(isPassing(failure)).toBe(passing);
  });

  it.each(['{"status":"fine"}', 'not json', ''])('does not trust the answer %p', async (body) => {
    const failure = await failureOf(answering(200, body).get('/x', healthResponseSchema));
    expect(failure).toBeInstanceOf(UnreadableAnswerError);
  });
});
