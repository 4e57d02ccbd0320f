import {
  cancelWorkflowRequestSchema,
  dryRunQuerySchema,
  listEventsQuerySchema,
  listTasksQuerySchema,
  listWorkflowsQuerySchema,
  putDefinitionRequestSchema,
  redriveWorkflowRequestSchema,
  rerunTaskRequestSchema,
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

  it.each(['etl', { name: 'etl' }, { name: 'etl', revision: 2 }])(
    'may name the definition %j',
    (definition) => {
      expect(startWorkflowRequestSchema.parse({ definition })).toEqual({ definition });
    },
  );

  it.each([
    '',
    'a b',
    7,
    {},
    { revision: 1 },
    { name: 'etl', revision: 0 },
    { name: 'etl', at: 1 },
  ])('cannot name the definition %j', (definition) => {
    const { issues = [] } = startWorkflowRequestSchema.safeParse({ definition }).error ?? {};
    expect(issues.map(({ path }) => path[0])).toEqual(['definition']);
  });

  it('has up to ten tags, each once', () => {
    const tags = Array.from({ length: 10 }, (_, n) => `team=${n}`);
    expect(startWorkflowRequestSchema.safeParse({ tags }).success).toBe(true);
    expect(startWorkflowRequestSchema.safeParse({ tags: [...tags, 'more'] }).success).toBe(false);
    expect(startWorkflowRequestSchema.safeParse({ tags: ['a', 'a'] }).success).toBe(false);
  });
});

describe('the query of the list', () => {
  it('reads the limit from its text, 50 when there is none', () => {
    expect(listWorkflowsQuerySchema.parse({ limit: '200' }).limit).toBe(200);
    expect(listWorkflowsQuerySchema.parse({}).limit).toBe(50);
  });

  it.each(['0', '201', '1.5', 'many', ''])('refuses the limit %j', (limit) => {
    expect(listWorkflowsQuerySchema.safeParse({ limit }).success).toBe(false);
  });

  it.each([
    ['2030-01-01T00:00:00Z', '2030-01-01T00:00:00.000Z'],
    ['2030-01-01T00:00:00.123456+02:00', '2029-12-31T22:00:00.123Z'],
  ])('takes any time with its zone: %s is %s', (from, read) => {
    expect(listWorkflowsQuerySchema.parse({ from }).from).toBe(read);
  });

  it.each(['yesterday', '2030-01-01', '2030-01-01T00:00:00', '2030-02-30T00:00:00Z'])(
    'refuses the time %s',
    (to) => {
      expect(listWorkflowsQuerySchema.safeParse({ to }).success).toBe(false);
    },
  );
});

describe('the query of the tasks', () => {
  it('reads the limit from its text, 200 when there is none, and a status', () => {
    expect(listTasksQuerySchema.parse({ limit: '1000' }).limit).toBe(1_000);
    expect(listTasksQuerySchema.parse({ status: 'FAILED' })).toEqual({
      limit: 200,
      status: 'FAILED',
    });
  });

  it.each([{ limit: '1001' }, { status: 'SUCCESS' }])('refuses %j', (query) => {
    expect(listTasksQuerySchema.safeParse(query).success).toBe(false);
  });
});

describe('the query of the events', () => {
  it('reads the limit from its text, 200 when there is none', () => {
    expect(listEventsQuerySchema.parse({ limit: '1000' }).limit).toBe(1_000);
    expect(listEventsQuerySchema.parse({}).limit).toBe(200);
  });

  it.each(['0', '1001', '1.5', 'many', ''])('refuses the limit %j', (limit) => {
    expect(listEventsQuerySchema.safeParse({ limit }).success).toBe(false);
  });
});

describe('a definition that is put', () => {
  it('need not say its name, which the address does', () => {
    const tasks = [{ id: 'A', function: 'A' }];
    expect(putDefinitionRequestSchema.parse({ tasks })).toEqual({ tasks });
  });
});

describe('the orders of an operator', () => {
  it.each([
    ['cancel', cancelWorkflowRequestSchema],
    ['redrive', redriveWorkflowRequestSchema],
    ['rerun', rerunTaskRequestSchema],
  ])('%s takes nothing or up to 500 characters of words, and no other field', (_, schema) => {
    expect(schema.safeParse({}).success).toBe(true);
    expect(schema.safeParse({ note: 'x'.repeat(500) }).success).toBe(true);
    expect(schema.safeParse({ note: 'x'.repeat(501) }).success).toBe(false);
    expect(schema.safeParse({ force: true }).error?.issues).toMatchObject([{ keys: ['force'] }]);
  });

  it('run a task again with all below it unless told otherwise', () => {
    expect(rerunTaskRequestSchema.parse({}).downstream).toBe(true);
    expect(rerunTaskRequestSchema.parse({ downstream: false }).downstream).toBe(false);
  });

  it.each([0, -1, 1.5, '1'])('do not take the revision %j', (revision) => {
    expect(redriveWorkflowRequestSchema.safeParse({ revision }).success).toBe(false);
  });

  it.each([
    ['true', true],
    ['false', false],
    [undefined, false],
  ])('with dryRun=%s are dry: %s', (dryRun, isDry) => {
    expect(dryRunQuerySchema.parse({ dryRun }).dryRun).toBe(isDry);
  });

  it.each(['', 'TRUE', '1', 'yes'])('are not sent with dryRun=%s', (dryRun) => {
    expect(dryRunQuerySchema.safeParse({ dryRun }).success).toBe(false);
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
