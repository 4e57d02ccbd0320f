import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { StackModel } from '../model.js';
import { readAssembly, type AssemblyContext } from './read-assembly.js';

type Json = Readonly<Record<string, unknown>>;

interface StackFixture {
  readonly Resources?: Json;
  readonly Outputs?: Json;
  readonly Parameters?: Json;
  readonly Conditions?: Json;
  readonly Mappings?: Json;
}

interface ImageFixture {
  readonly files: Readonly<Record<string, string>>;
  readonly source?: Json;
}

/** Builds a cloud assembly on disk, laid out as CDK lays it out. */
export class AssemblyFixture {
  readonly directory = mkdtempSync(join(tmpdir(), 'orchestra-assembly-'));
  private readonly artifacts: Record<string, unknown> = {};
  private readonly files: Record<string, unknown> = {};
  private readonly images: Record<string, unknown> = {};

  /** @param environment `aws://account/region`, or unbound when left out */
  stack(name: string, template: StackFixture, environment?: string): this {
    this.write(`${name}.template.json`, JSON.stringify(template));
    this.artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment: environment ?? 'aws://unknown-account/unknown-region',
      properties: { templateFile: `${name}.template.json` },
    };
    return this;
  }

  /** A folder asset, found by the key `<name>.zip`. */
  folder(name: string, files: Readonly<Record<string, string>>, packaging = 'zip'): this {
    for (const [file, text] of Object.entries(files)) this.write(`asset.${name}/${file}`, text);
    this.files[name] = {
      source: { path: `asset.${name}`, packaging },
      destinations: { here: { bucketName: 'assets', objectKey: `${name}.zip` } },
    };
    return this;
  }

  /** An image asset, found by the tag `<name>`. */
  image(name: string, { files, source = {} }: ImageFixture): this {
    for (const [file, text] of Object.entries(files)) this.write(`asset.${name}/${file}`, text);
    this.images[name] = {
      source: { directory: `asset.${name}`, ...source },
      destinations: { here: { repositoryName: 'assets', imageTag: name } },
    };
    return this;
  }

  /** An assembly inside this one, as a CDK stage makes it. */
  nest(name: string, inner: AssemblyFixture): this {
    for (const [file, text] of inner.written) this.write(`assembly-${name}/${file}`, text);
    this.artifacts[`assembly-${name}`] = {
      type: 'cdk:cloud-assembly',
      properties: { directoryName: `assembly-${name}` },
    };
    return this;
  }

  /** Writes the manifest, so that the assembly can be read. */
  finish(): this {
    const assets = { version: '55.0.0', files: this.files, dockerImages: this.images };
    this.write('fixture.assets.json', JSON.stringify(assets));
    this.artifacts['fixture.assets'] = {
      type: 'cdk:asset-manifest',
      properties: { file: 'fixture.assets.json' },
    };
    const manifest = { version: '55.0.0', artifacts: this.artifacts };
    this.write('manifest.json', JSON.stringify(manifest));
    return this;
  }

  read(context: Partial<AssemblyContext> = {}): StackModel {
    this.finish();
    return readAssembly(this.directory, {
      region: 'eu-north-1',
      accountId: '000000000000',
      localApiUrl: (_, stage) => `http://localhost:3000/${stage}`,
      ...context,
    });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private readonly written = new Map<string, string>();

  private write(file: string, text: string): void {
    const path = join(this.directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    this.written.set(file, text);
  }
}

/** A function with a role of its own, as CDK's construct writes the two. */
export function functionResources(
  logicalId: string,
  asset: string,
  properties: Json = {},
): Record<string, unknown> {
  return {
    [`${logicalId}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
        ManagedPolicyArns: [
          {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
              ],
            ],
          },
        ],
      },
    },
    [logicalId]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: {
          S3Bucket: { 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' },
          S3Key: `${asset}.zip`,
        },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: { 'Fn::GetAtt': [`${logicalId}Role`, 'Arn'] },
        ...properties,
      },
      DependsOn: [`${logicalId}Role`],
    },
  };
}
