import type { RouteModel } from '../model.js';
import { createRouter } from './route.js';

const route = (method: string, resourcePath: string): RouteModel => ({
  method,
  resourcePath,
  integration: { kind: 'lambda', functionArn: `${method} ${resourcePath}` },
});

describe('choosing a route', () => {
  const router = createRouter([
    route('ANY', '/{proxy+}'),
    route('GET', '/'),
    route('GET', '/workflows'),
    route('POST', '/workflows'),
    route('GET', '/workflows/{id}'),
    route('GET', '/workflows/latest'),
    route('GET', '/workflows/{id}/tasks/{task}'),
    route('ANY', '/workflows/{id}/{rest+}'),
  ]);

  it.each([
    ['GET', '/', 'GET /', null],
    ['GET', '/workflows', 'GET /workflows', null],
    ['POST', '/workflows', 'POST /workflows', null],
    ['GET', '/workflows/', 'GET /workflows', null],
    ['GET', '/workflows/7', 'GET /workflows/{id}', { id: '7' }],
    ['GET', '/workflows/a%2Fb', 'GET /workflows/{id}', { id: 'a%2Fb' }],
    ['GET', '/workflows/latest', 'GET /workflows/latest', null],
    ['GET', '/workflows/7/tasks/A', 'GET /workflows/{id}/tasks/{task}', { id: '7', task: 'A' }],
    ['PUT', '/workflows/7/x/y', 'ANY /workflows/{id}/{rest+}', { id: '7', rest: 'x/y' }],
    ['DELETE', '/other/place', 'ANY /{proxy+}', { proxy: 'other/place' }],
  ])('%s %s goes to %s', (method, path, expected, pathParameters) => {
    const match = router(method, path);
    expect(match?.route.integration).toMatchObject({ functionArn: expected });
    expect(match?.pathParameters).toEqual(pathParameters);
  });

  it('does not look further when the best resource lacks the method', () => {
    expect(router('DELETE', '/workflows/latest')).toBeUndefined();
    expect(router('DELETE', '/')).toBeUndefined();
  });

  it('needs a segment for a greedy parameter', () => {
    expect(createRouter([route('ANY', '/{proxy+}')])('GET', '/')).toBeUndefined();
  });
});
