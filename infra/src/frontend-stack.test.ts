import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { readable } from './grants.fixture.js';
import { createStacks, removeWorkspaces } from './stacks.fixture.js';

const { app, frontend } = createStacks();
const template = Template.fromStack(frontend);

afterAll(removeWorkspaces);

describe('the site', () => {
  it('serves the page for every path, to everybody', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      WebsiteConfiguration: { IndexDocument: 'index.html', ErrorDocument: 'index.html' },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: false },
    });
    hasPolicy({ Effect: 'Allow', Action: 's3:GetObject', Principal: { AWS: '*' } });
  });

  it('is encrypted at rest, and takes nothing but reads over plain HTTP', () => {
    template.hasResourceProperties('AWS::S3::Bucket', { BucketEncryption: Match.anyValue() });
    hasPolicy({
      Effect: 'Deny',
      NotAction: 's3:GetObject',
      Principal: { AWS: '*' },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });

  it('empties itself and goes with its stack', () => {
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    template.hasResourceProperties('Custom::S3AutoDeleteObjects', {
      BucketName: { Ref: Match.stringLikeRegexp('^Site') },
    });
  });

  it('tells its address', () => {
    const output = template.findOutputs('DashboardUrl')['DashboardUrl'];
    expect(readable(output?.['Value'])).toBe('Site.WebsiteURL');
  });
});

describe('the files', () => {
  const [deployment] = Object.values(template.findResources('Custom::CDKBucketDeployment'));
  const sources: string[] = deployment?.Properties.SourceObjectKeys;
  const folders = sources.map((key) => path.join(app.outdir, `asset.${path.parse(key).name}`));

  it('are those of the built dashboard, without the config.js of development', () => {
    expect(folders.map((folder) => readdirSync(folder))).toEqual([['index.html'], ['config.js']]);
  });

  it('tell the page where the API of this deployment is', () => {
    const config = readFileSync(path.join(String(folders[1]), 'config.js'), 'utf8');
    const markers: Record<string, unknown> = deployment?.Properties.SourceMarkers[1];
    const deployed = Object.entries(markers).reduce(
      (text, [marker, value]) => text.replaceAll(marker, readable(value)),
      config,
    );
    expect(deployed).toBe(
      "window.API_BASE = 'https://Rest.execute-api.AWS::Region.AWS::URLSuffix/prod';\n",
    );
  });

  it('are asked for anew by browsers, so that a deployment shows at once', () => {
    expect(deployment?.Properties.SystemMetadata).toEqual({ 'cache-control': 'no-cache' });
  });
});

describe('the order of deployment', () => {
  it('puts the API first', () => {
    expect(frontend.dependencies.map((stack) => stack.stackName)).toContain('ApiStack');
  });
});

function hasPolicy(statement: Record<string, unknown>): void {
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(statement)]) },
  });
}
