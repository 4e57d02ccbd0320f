import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Bundles, MissingBundleError } from './bundles.js';
import { functionProperties } from './grants.fixture.js';
import { createStacks, removeWorkspaces } from './stacks.fixture.js';

const { app, appsDirectory, orchestration } = createStacks();
const template = Template.fromStack(orchestration);

afterAll(removeWorkspaces);

describe('packaging a Node function', () => {
  it('takes the bundle and leaves the source map', () => {
    const key: string = functionProperties(template, /^WorkerFunction/).Code.S3Key;
    expect(readdirSync(path.join(app.outdir, `asset.${path.parse(key).name}`))).toEqual([
      'index.mjs',
    ]);
  });
});

describe('packaging the container task', () => {
  const uri: string = functionProperties(template, /^TaskB3Function/).Code.ImageUri['Fn::Sub'];
  const context = path.join(app.outdir, `asset.${uri.slice(uri.lastIndexOf(':') + 1)}`);

  it('puts the Dockerfile and the bundle into the build context, and no sources', () => {
    expect(readdirSync(context).sort()).toEqual(['Dockerfile', 'dist']);
    expect(readdirSync(path.join(context, 'dist'))).toEqual(['index.mjs']);
  });
});

describe('an app that is not built', () => {
  it('is named together with the command that builds it', () => {
    rmSync(path.join(appsDirectory, 'task-a', 'dist'), { recursive: true });
    const bundles = new Bundles(appsDirectory);
    expect(() => bundles.node('task-a')).toThrow(MissingBundleError);
    expect(() => bundles.node('task-a')).toThrow('npx nx run task-a:build');
  });
});
