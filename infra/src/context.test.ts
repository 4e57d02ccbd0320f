import { ContextError, readSettings } from './context.js';

describe('settings without context', () => {
  it('are those of a development deployment', () => {
    expect(readSettings(contextOf({}))).toEqual({
      corsOrigins: ['*'],
      containerTask: true,
      retainData: false,
      logRetentionDays: 30,
      throttleRate: 100,
      throttleBurst: 200,
      orchestratorConcurrency: 20,
      taskLimits: {},
      alarmEmail: undefined,
    });
  });
});

describe('settings from context', () => {
  it('mean the same as text, which the command line gives, and as values of cdk.json', () => {
    const text = { containerTask: 'false', retainData: 'true', throttleRate: '7' };
    const values = { containerTask: false, retainData: true, throttleRate: 7 };
    expect(readSettings(contextOf(text))).toEqual(readSettings(contextOf(values)));
    expect(readSettings(contextOf(text))).toMatchObject(values);
  });

  it('take several origins', () => {
    const settings = readSettings(
      contextOf({ corsOrigins: 'https://a.example, http://localhost:5173' }),
    );
    expect(settings.corsOrigins).toEqual(['https://a.example', 'http://localhost:5173']);
  });
});

describe('a wrong value', () => {
  it.each([
    ['containerTask', 'maybe'],
    ['containerTask', 1],
    ['retainData', ''],
    ['throttleRate', '0'],
    ['throttleRate', '1.5'],
    ['throttleRate', '10001'],
    ['throttleBurst', 'many'],
    ['throttleBurst', -1],
    ['orchestratorConcurrency', '-1'],
    ['orchestratorConcurrency', -1],
    ['orchestratorConcurrency', '2.5'],
    ['orchestratorConcurrency', 'all'],
    ['logRetentionDays', '8'],
    ['logRetentionDays', 9999],
    ['corsOrigins', ''],
    ['corsOrigins', 'a.example'],
    ['corsOrigins', 'https://a.example/'],
    ['corsOrigins', 'https://a.example/app'],
    ['corsOrigins', '*,https://a.example'],
    ['corsOrigins', ['https://a.example']],
    ['taskLimits', '{'],
    ['taskLimits', '{}'],
    ['taskLimits', { B1: 0 }],
    ['taskLimits', '{"B1": 1.5}'],
    ['taskLimits', { B1: 2, C: 1_001 }],
    ['alarmEmail', 'nobody'],
  ])('%s=%p is one line that names the key and the value', (key, value) => {
    const read = () => readSettings(contextOf({ [key]: value }));
    expect(read).toThrow(ContextError);
    expect(read).toThrow(new RegExp(`^Context "${key}" must be .+; it is [^\n]+\\.$`));
  });
});

function contextOf(values: Readonly<Record<string, unknown>>) {
  return { tryGetContext: (key: string) => values[key] };
}
