import { Ajv2020 } from 'ajv/dist/2020.js';
import { ID_PATTERN, diamond, taskIdSchema } from '@orchestra/workflow-core';
import { endpoints } from './index.js';
import { definitionJsonSchema, openApiDocument } from './openapi.js';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { name: string; in: string; schema: object }[];
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: object }> }>>;
}

const document = openApiDocument('1.0.0') as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Every `$ref` below a value. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === '$ref' ? [String(part)] : references(part),
  );
}

describe('the OpenAPI document', () => {
  it('holds each endpoint of the table once, and no other', () => {
    expect(
      operations.map(({ path, method, operation }) => [operation.operationId, method, path]).sort(),
    ).toEqual(
      Object.entries(endpoints)
        .map(([id, { method, path }]) => [id, method.toLowerCase(), path])
        .sort(),
    );
  });

  it('names every parameter of a path', () => {
    for (const { path, operation } of operations)
      expect(
        operation.parameters.filter((each) => each.in === 'path').map(({ name }) => name),
      ).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  });

  it('refers only to what it holds, and holds only what is referred to', () => {
    const used = new Set(references(document));
    const held = Object.keys(document.components.schemas).map((id) => `#/components/schemas/${id}`);
    expect([...used].filter((reference) => !held.includes(reference))).toEqual([]);
    expect(held.filter((reference) => !used.has(reference))).toEqual([]);
  });

  it('is made of schemas a validator takes', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'api');
    for (const { path, method, operation } of operations)
      for (const [status, { content = {} }] of Object.entries(operation.responses))
        for (const type of Object.keys(content)) {
          const steps = ['paths', path, method, 'responses', status, 'content', type, 'schema'];
          const pointer = steps.map((step) =>
            encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')),
          );
          expect(() => ajv.compile({ $ref: `api#/${pointer.join('/')}` })).not.toThrow();
        }
  });

  it('tells the form of an id, which zod cannot', () => {
    expect(document.components.schemas['Id']).toMatchObject({ pattern: ID_PATTERN.source });
  });

  it.each([
    ['B', true],
    ['B[3]', true],
    ['B[10000]', true],
    ['B[03]', false],
    ['B[]', false],
    ['B[3][0]', false],
  ])('tells the form of the id of a task: %s', (id, isOne) => {
    const { pattern = '' } = document.components.schemas['TaskId'] as { pattern?: string };
    expect([new RegExp(pattern).test(id), taskIdSchema.safeParse(id).success]).toEqual([
      isOne,
      isOne,
    ]);
  });

  it('tells of every failure as problem details, but of what no gateway can answer so', () => {
    for (const { operation } of operations)
      for (const [status, { content = {} }] of Object.entries(operation.responses))
        if (Number(status) >= 400 && status !== '431')
          expect(Object.keys(content)).toEqual(['application/problem+json']);
  });
});

describe('the JSON Schema of a definition', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  const validate = ajv.compile(definitionJsonSchema());

  it('has an identity, and takes the sample', () => {
    expect(definitionJsonSchema().$id).toBe('urn:orchestra:schema:definition');
    expect(validate(diamond)).toBe(true);
  });

  it('takes any JSON as an input', () => {
    const input = { text: ['{% workflow.input.n %}', null, { n: 1.5 }] };
    expect(validate({ name: 'x', tasks: [{ id: 'A', function: 'A', input }] })).toBe(true);
  });

  it.each([
    ['no tasks', { name: 'x', tasks: [] }],
    ['an unknown field', { name: 'x', tasks: [{ id: 'A', function: 'A', retires: 1 }] }],
    ['an id with a space', { name: 'x', tasks: [{ id: 'a b', function: 'A' }] }],
    ['no name', { tasks: [{ id: 'A', function: 'A' }] }],
  ])('refuses %s', (_, definition) => {
    expect(validate(definition)).toBe(false);
  });
});
