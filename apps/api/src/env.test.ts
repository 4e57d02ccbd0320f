import { readEnv } from './env.js';

describe('the environment of the API', () => {
  it('names every variable that is missing or wrong', () => {
    expect(() => readEnv({ CORS_ORIGINS: 'nowhere' })).toThrow(
      /(?=[^]*TABLE_NAME)(?=[^]*ORCHESTRATOR_ARN)(?=[^]*"nowhere" is not an origin)/,
    );
  });

  it('is read when it is whole', () => {
    const env = readEnv({
      TABLE_NAME: 't',
      ORCHESTRATOR_ARN: 'arn',
      CORS_ORIGINS: '*',
      OTHER: '1',
    });
    expect(env).toMatchObject({ TABLE_NAME: 't', ORCHESTRATOR_ARN: 'arn' });
  });
});
