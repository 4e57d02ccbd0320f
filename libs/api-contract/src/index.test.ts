import {
  listWorkflowsQuerySchema,
  startWorkflowRequestSchema,
  workflowSummarySchema,
} from './index.js';

describe('the request to start a workflow', () => {
  it('may be empty', () => {
    expect(startWorkflowRequestSchema.parse({})).toEqual({});
  });

  it('may name the functions that an older client names', () => {
    expect(startWorkflowRequestSchema.safeParse({ lambdas: { A: 'arn' } }).success).toBe(true);
  });

  it('has no other field', () => {
    expect(startWorkflowRequestSchema.safeParse({ inputs: {} }).error?.issues).toMatchObject([
      { code: 'unrecognized_keys', keys: ['inputs'] },
    ]);
  });

  it.each(['', 'a#b', 'a/b', 'x'.repeat(129), 'constructor', '__proto__'])(
    'cannot have the id %j',
    (workflowId) => {
      expect(startWorkflowRequestSchema.safeParse({ workflowId }).success).toBe(false);
    },
  );
});

describe('the query of the list', () => {
  it('reads the limit from its text, 50 when there is none', () => {
    expect(listWorkflowsQuerySchema.parse({ limit: '200' }).limit).toBe(200);
    expect(listWorkflowsQuerySchema.parse({}).limit).toBe(50);
  });

  it.each(['0', '201', '1.5', 'many', ''])('refuses the limit %j', (limit) => {
    expect(listWorkflowsQuerySchema.safeParse({ limit }).success).toBe(false);
  });
});

describe('a time', () => {
  const summary = {
    workflowId: 'w-1',
    status: 'RUNNING',
    definition: { name: 'diamond', revision: 1 },
  };

  it.each([
    ['2030-01-01T00:00:00.000Z', true],
    ['2030-01-01T00:00:00Z', false],
    ['2030-01-01T00:00:00.000+01:00', false],
  ])('is ISO 8601 UTC with milliseconds: %s is %s', (createdAt, valid) => {
    expect(workflowSummarySchema.safeParse({ ...summary, createdAt }).success).toBe(valid);
  });
});
