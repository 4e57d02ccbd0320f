import { endpoints, type Endpoint } from '@orchestra/api-contract';
import { openApiDocument } from '@orchestra/api-contract/openapi';
import { createApp } from './app.js';
import { createOrchestra } from './testing/orchestra.js';

const table = Object.values<Endpoint>(endpoints);
const routeOf = ({ method, path }: Pick<Endpoint, 'method' | 'path'>) =>
  `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`;

describe('the routes of the API', () => {
  it('are the endpoints of the contract, no more and no fewer', () => {
    const { dependencies } = createOrchestra();
    const served = createApp(dependencies)
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`);
    expect(served.sort()).toEqual(table.map(routeOf).sort());
  });

  it.each(table.map(({ method, path }) => [method, path] as const))(
    'answer %s %s with a status that the contract lists',
    async (method, path) => {
      const { ask } = createOrchestra();
      const address = path.replace('{revision}', '1').replace(/\{\w+\}/g, 'x');
      const answer = await ask(method, address, method === 'GET' ? {} : { body: '{}' });
      const { paths } = openApiDocument('1') as unknown as {
        paths: Record<string, Record<string, { responses: object }>>;
      };
      expect(Object.keys(paths[path]?.[method.toLowerCase()]?.responses ?? {})).toContain(
        String(answer.status),
      );
      expect(answer.status).not.toBe(405);
      expect(answer.text).not.toContain('no such route');
    },
  );

  it('tell of themselves', async () => {
    const { ask } = createOrchestra();
    expect((await ask('GET', '/openapi.json')).json()).toEqual(openApiDocument('1.0.0'));
    expect((await ask('GET', '/schemas/definition.json')).json()).toMatchObject({
      $id: 'urn:orchestra:schema:definition',
      required: ['name', 'tasks'],
    });
  });
});
