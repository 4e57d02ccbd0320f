import { Queue } from 'aws-cdk-lib/aws-sqs';
import { statementsOf } from './grants.fixture.js';
import { createStacks, removeWorkspaces, synthesise } from './stacks.fixture.js';

afterAll(removeWorkspaces);

describe('the stacks', () => {
  it('have the names that people deploy', () => {
    const { app } = createStacks();
    expect(
      app
        .synth()
        .stacks.map((stack) => stack.stackName)
        .sort(),
    ).toEqual([
      'ApiStack',
      'FrontendStack',
      'MonitoringStack',
      'OrchestrationStack',
      'PayloadStack',
    ]);
  });

  it('name no account and no region', () => {
    for (const { environment } of createStacks().app.synth().stacks) {
      expect(environment).toMatchObject({ account: 'unknown-account', region: 'unknown-region' });
    }
  });
});

describe('security checks', () => {
  it('find nothing that is not acknowledged with its reason', () => {
    for (const context of [{}, { containerTask: false, retainData: true, alarmEmail: 'a@b.c' }]) {
      expect(() => createStacks(context).app.synth()).not.toThrow();
    }
  });

  it('stop the synthesis at a finding', () => {
    const { app, api } = createStacks();
    new Queue(api, 'PlainQueue');
    expect(() => app.synth()).toThrow(/AwsSolutions-SQS4/);
  });
});

describe('all templates', () => {
  const templates = Object.entries(synthesise());

  it.each(templates)('of %s allow no action that is only a pattern', (name, template) => {
    const allowed = statementsOf(template)
      .filter((statement) => statement.Effect === 'Allow')
      .flatMap((statement) => statement.Action);
    // The one exception is CDK's own function that copies the dashboard's files.
    const patterns =
      name === 'frontend' ? /^s3:(GetBucket|GetObject|List|Abort|DeleteObject)\*$/ : /^$/;
    expect(allowed.filter((action) => action.includes('*') && !patterns.test(action))).toEqual([]);
  });

  it.each(templates)('of %s keep logs for a time and not for ever', (_, template) => {
    for (const logGroup of Object.values(template.findResources('AWS::Logs::LogGroup'))) {
      expect(logGroup.Properties.RetentionInDays).toBe(30);
      expect(logGroup.DeletionPolicy).toBe('Delete');
    }
  });

  it('give every function of ours a log group of its own', () => {
    for (const template of [synthesise().orchestration, synthesise().api]) {
      const functions = Object.values(template.findResources('AWS::Lambda::Function'));
      const logs = functions.map(({ Properties }) => Properties.LoggingConfig?.LogGroup?.Ref);
      expect(new Set(logs).size).toBe(functions.length);
      expect(logs).not.toContain(undefined);
    }
  });

  it('keep logs as long as the context says', () => {
    const { orchestration } = synthesise({ logRetentionDays: '7' });
    orchestration.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });
});
