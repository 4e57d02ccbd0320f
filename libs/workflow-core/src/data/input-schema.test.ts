import { createInputCheck, inputSchemaIssues } from './input-schema.js';

describe('a schema of the input', () => {
  it.each([
    [{}],
    [{ type: 'object', properties: { mail: { type: 'string', format: 'email' } } }],
    [{ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'https://a.example/x' }],
    [{ $defs: { tree: { items: { $ref: '#/$defs/tree' } } }, $ref: '#/$defs/tree' }],
    [{ properties: { child: { $ref: '#' } } }],
    [{ prefixItems: [{ type: 'string' }], unevaluatedItems: false }],
    [{ 'x-of-ours': 1, properties: { format: { type: 'string' } } }],
  ])('may be any of JSON Schema 2020-12: %j', (schema) => {
    expect(inputSchemaIssues(schema)).toEqual([]);
  });

  it.each([
    [
      { properties: { a: { minLength: -1 } } },
      { path: 'inputSchema.properties.a.minLength', message: 'must be >= 0' },
    ],
    [
      { properties: { a: { anyOf: [{ $ref: '#/$defs/none' }] } } },
      {
        path: 'inputSchema.properties.a.anyOf[0].$ref',
        message: 'refers to "#/$defs/none", which is not in this schema',
      },
    ],
    [
      { items: { $ref: 'https://a.example/other.json' } },
      {
        path: 'inputSchema.items.$ref',
        message: 'refers to "https://a.example/other.json", which is not in this schema',
      },
    ],
    [
      { properties: { a: { format: 'emial' } } },
      { path: 'inputSchema.properties.a', message: 'has an unknown format "emial"' },
    ],
    [
      { $schema: 'http://json-schema.org/draft-07/schema#' },
      {
        path: 'inputSchema.$schema',
        message: 'must be that of JSON Schema 2020-12, or absent',
      },
    ],
    [
      { properties: { a: { maximum: { $data: '1/b' } } } },
      { path: 'inputSchema.properties.a.maximum', message: 'must be number' },
    ],
  ])('is refused with its place: %j', (schema, issue) => {
    expect(inputSchemaIssues(schema)).toEqual([issue]);
  });

  it('names its wrong types and its broken patterns', () => {
    expect(inputSchemaIssues({ type: 'strin' })[0]?.path).toBe('inputSchema.type');
    expect(inputSchemaIssues({ pattern: '(' })[0]?.message).toContain('Invalid regular expression');
  });

  it('may be nested without end', () => {
    const deep = Array.from({ length: 20_000 }).reduce<object>((items) => ({ items }), {});
    expect(inputSchemaIssues(deep)).toEqual([{ path: 'inputSchema', message: expect.anything() }]);
  });
});

describe('checking an input', () => {
  const schema = {
    type: 'object',
    required: ['user'],
    additionalProperties: false,
    properties: {
      user: {
        type: 'object',
        required: ['email'],
        properties: { email: { type: 'string', format: 'email' }, 2: { type: 'number' } },
        unevaluatedProperties: false,
      },
      items: { type: 'array', items: { type: 'integer' } },
      color: { enum: ['red', 'blue'] },
    },
  };
  const issuesOf = (input: unknown, of: object = schema) => createInputCheck()('a@1', of, input);

  it('finds nothing wrong with one that fits', () => {
    expect(issuesOf({ user: { email: 'a@b.example' }, items: [1], color: 'red' })).toEqual([]);
  });

  it('names every issue by its path', () => {
    const input = {
      user: { 2: 'x', email: 'nobody', nick: 1 },
      items: [1, 2, 'x'],
      color: 'green',
      'odd/name~': 1,
    };
    expect(issuesOf(input)).toEqual(
      expect.arrayContaining([
        { path: 'input.odd/name~', message: 'is not a property the schema knows' },
        { path: 'input.user.2', message: 'must be number' },
        { path: 'input.user.email', message: 'must match format "email"' },
        { path: 'input.user.nick', message: 'is not a property the schema knows' },
        { path: 'input.items[2]', message: 'must be integer' },
        { path: 'input.color', message: 'must be one of "red", "blue"' },
      ]),
    );
    expect(issuesOf(input)).toHaveLength(6);
  });

  it('names what is missing', () => {
    expect(issuesOf({ user: {} })).toEqual([{ path: 'input.user.email', message: 'is missing' }]);
    expect(issuesOf(null)).toEqual([{ path: 'input', message: 'must be object' }]);
    expect(issuesOf(undefined)).toEqual([{ path: 'input', message: 'must be object' }]);
  });

  it('follows a schema that refers to itself', () => {
    const tree = { required: ['name'], properties: { child: { $ref: '#' } } };
    expect(issuesOf({ name: 1, child: { name: 2, child: {} } }, tree)).toEqual([
      { path: 'input.child.child.name', message: 'is missing' },
    ]);
  });

  it('is not lured into promises', () => {
    expect(issuesOf(1, { $async: true, type: 'object' })).toEqual([
      { path: 'input', message: 'must be object' },
    ]);
  });

  it('keeps schemas with the same $id, and revisions, apart', () => {
    const check = createInputCheck();
    const of = (type: string) => ({ $id: 'https://a.example/x', type });
    expect(check('a@1', of('string'), 1)).toHaveLength(1);
    expect(check('a@2', of('number'), 1)).toHaveLength(0);
    expect(check('a@1', of('string'), 1)).toHaveLength(1);
  });

  it('tells only the first of very many issues', () => {
    const input = Array.from({ length: 200_000 }, () => 1);
    expect(issuesOf(input, { items: { type: 'string' } })).toHaveLength(100);
  });

  it('ends a pattern that never ends, and goes on', () => {
    const check = createInputCheck();
    const endless = { properties: { a: { pattern: '^(a+)+$' } } };
    expect(check('a@1', endless, { a: `${'a'.repeat(60)}!` })).toEqual([
      { path: 'input', message: 'takes longer than 1000 ms to be checked' },
    ]);
    expect(check('a@1', endless, { a: 'aaa' })).toEqual([]);
  });

  it('survives an input and a schema that nest without end', () => {
    const deep = Array.from({ length: 50_000 }).reduce<unknown>((inner) => [inner], 1);
    expect(issuesOf(deep, { items: { $ref: '#' } })).toEqual([
      { path: 'input', message: 'is nested too deeply to be checked' },
    ]);
  });
});
