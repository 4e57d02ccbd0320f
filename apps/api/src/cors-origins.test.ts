import { corsOriginsSchema } from './cors-origins.js';

describe('the origins that may read the API', () => {
  const allow = (list: string, origin: string) => corsOriginsSchema.parse(list)(origin);

  it.each([
    ['https://a.example', 'https://a.example'],
    ['https://a.example , https://b.example', 'https://b.example'],
    ['http://localhost:*', 'http://localhost:5173'],
    ['http://localhost:*', 'http://localhost'],
    ['http://[::1]:*', 'http://[::1]:80'],
    ['https://A.example', 'https://a.example'],
  ])('%s holds %s', (list, origin) => {
    expect(allow(list, origin)).toBe(origin);
  });

  it.each([
    ['https://a.example', 'http://a.example'],
    ['https://a.example', 'https://a.example:8443'],
    ['https://a.example', 'https://a.example.evil.example'],
    ['https://a.example', 'https://sub.a.example'],
    ['http://localhost:*', 'http://localhost.evil.example:80'],
    ['http://localhost:*', 'http://localhost:*'],
    ['http://localhost:*', 'null'],
    ['http://localhost:*', ''],
  ])('%s does not hold %s', (list, origin) => {
    expect(allow(list, origin)).toBeUndefined();
  });

  it('answers any origin with * when the list has it', () => {
    expect(allow('*', 'https://anything.example')).toBe('*');
  });

  it.each([
    '',
    'localhost',
    'https://a.example/',
    'https://*.example',
    'ftp://a.example',
    'https://a.example,',
  ])('refuses the list %j, because no browser would ever match it', (list) => {
    expect(corsOriginsSchema.safeParse(list).success).toBe(false);
  });
});
