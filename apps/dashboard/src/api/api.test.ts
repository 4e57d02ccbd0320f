import { createApi } from './api.js';
import { ApiProblemError, isNotFound } from './api-errors.js';

describe('the door to the API', () => {
  it('knows its address, and lets the browser ask with what it has', async () => {
    const asked: [string, RequestInit | undefined][] = [];
    const api = createApi('https://a.example/prod', async (url, init) => {
      asked.push([String(url), init]);
      return Response.json({ status: 'ok' });
    });
    await expect(api.getHealth()).resolves.toEqual({ status: 'ok' });
    expect(api.base).toBe('https://a.example/prod');
    expect(asked).toMatchObject([['https://a.example/prod/health', { cache: 'no-cache' }]]);
  });

  it('tells what is not there from other refusals', () => {
    const refusal = (status: number) =>
      new ApiProblemError({ type: 'about:blank', title: 'No', status });
    expect([isNotFound(refusal(404)), isNotFound(refusal(409))]).toEqual([true, false]);
    expect(isNotFound(new Error('404'))).toBe(false);
  });
});
