import type { RouteModel } from '../model.js';
import { createBodyCheck } from './body-validation.js';

const checkFor = (schema: unknown) => {
  const route: RouteModel = {
    resourcePath: '/',
    method: 'POST',
    integration: { kind: 'lambda', functionArn: 'arn' },
    bodySchemas: { 'application/json': schema },
  };
  const check = createBodyCheck(route);
  return (value: unknown, type: string | undefined = 'application/json') =>
    check(type, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
};

describe('checking a body', () => {
  const check = checkFor({
    $schema: 'http://json-schema.org/draft-04/schema#',
    id: 'http://example.com/start',
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: { type: 'string', pattern: '^[a-z\\-]+$' },
      id: { type: 'integer', minimum: 0, exclusiveMinimum: true },
      size: { maximum: 5, exclusiveMaximum: false },
      when: { type: 'string', format: 'no-such-format' },
    },
  });

  it('lets a good body through', () => {
    expect(check({ name: 'a-b', id: 1, size: 5, when: 'now' })).toBeUndefined();
  });

  it.each([
    ['a missing property', {}, "must have required property 'name'"],
    ['a wrong type, with its path', { name: 5 }, '/name must be string'],
    ['an excluded bound of draft 4', { name: 'a', id: 0 }, '/id must be > 0'],
    ['an included bound of draft 4', { name: 'a', size: 6 }, '/size must be <= 5'],
    ['a property that is too much', { name: 'a', x: 1 }, 'additional properties (x)'],
    ['broken JSON', '{"name":', 'the body is not JSON'],
    ['no body', '', 'the body must be object'],
  ])('refuses %s', (_, body, message) => {
    expect(check(body)).toContain(message);
  });

  it('names every problem at once', () => {
    expect(check({ id: 'x', size: 9 })).toMatch(/name.*id.*size/);
  });

  it('takes a body without a media type as JSON, whatever the parameters of the type', () => {
    expect(checkFor({ type: 'object' })('[]', 'application/json; charset=utf-8')).toBeDefined();
    const route = { bodySchemas: { 'application/json': { type: 'object' } } };
    const checkRoute = createBodyCheck(route as unknown as RouteModel);
    expect(checkRoute(undefined, Buffer.from('[]'))).toBeDefined();
  });

  it('does not look at a media type it has no schema for', () => {
    expect(check('anything', 'text/plain')).toBeUndefined();
  });
});
