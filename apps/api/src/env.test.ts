import { readEnv } from './env.js';

describe('the environment of the API', () => {
  it('names every variable that is missing or wrong', () => {
    expect(() => readEnv({ CORS_ORIGINS: 'nowhere' })).toThrow(
      /(?=[^]*TABLE_NAME)(?=[^]*ORCHESTRATOR_ARN)(?=[^]*"nowhere" is not an origin)(?=[^]*TASK_FUNCTION_NAMES)/,
    );
  });

  it('is read when it is whole', () => {
    const env = readEnv({
      TABLE_NAME: 't',
      ORCHESTRATOR_ARN: 'arn',
      CORS_ORIGINS: '*',
      TASK_FUNCTION_NAMES: '["A","B1"]',
      OTHER: '1',
    });
    expect(env).toMatchObject({
      TABLE_NAME: 't',
      ORCHESTRATOR_ARN: 'arn',
      TASK_FUNCTION_NAMES: ['A', 'B1'],
    });
  });

  it.each(['A,B1', '{"A":"arn"}', '[""]'])('has no names of functions in %s', (names) => {
    const whole = { TABLE_NAME: 't', ORCHESTRATOR_ARN: 'arn', CORS_ORIGINS: '*' };
    expect(() => readEnv({ ...whole, TASK_FUNCTION_NAMES: names })).toThrow('TASK_FUNCTION_NAMES');
  });
});
