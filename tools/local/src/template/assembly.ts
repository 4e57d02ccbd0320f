import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { AssemblyError } from './errors.js';

const resourceSchema = z.object({
  Type: z.string(),
  Condition: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

const outputSchema = z.object({
  Value: z.unknown().optional(),
  Condition: z.string().optional(),
  Export: z.object({ Name: z.unknown() }).optional(),
});

const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema).default({}),
  Outputs: z.record(z.string(), outputSchema).default({}),
  Parameters: z
    .record(z.string(), z.object({ Type: z.string(), Default: z.unknown().optional() }))
    .default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Mappings: z
    .record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())))
    .default({}),
});

const artifactSchema = z.object({
  type: z.string(),
  environment: z.string().optional(),
  properties: z
    .object({
      templateFile: z.string().optional(),
      stackName: z.string().optional(),
      file: z.string().optional(),
      directoryName: z.string().optional(),
    })
    .default({}),
});

const manifestSchema = z.object({ artifacts: z.record(z.string(), artifactSchema).default({}) });

const assetsSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional(), packaging: z.string().default('file') }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
  dockerImages: z
    .record(
      z.string(),
      z.object({
        source: z.object({
          directory: z.string().optional(),
          dockerFile: z.string().default('Dockerfile'),
          dockerBuildArgs: z.record(z.string(), z.string()).default({}),
          dockerBuildTarget: z.string().optional(),
        }),
        destinations: z.record(z.string(), z.object({ imageTag: z.string() })),
      }),
    )
    .default({}),
});

export type Template = z.infer<typeof templateSchema>;
export type TemplateResource = z.infer<typeof resourceSchema>;
type Artifact = z.infer<typeof artifactSchema>;

export interface StackTemplate {
  readonly name: string;
  /** The environment the stack is bound to; where it is bound to none, the one asked for. */
  readonly region: string;
  readonly accountId: string;
  readonly template: Template;
}

export interface FileAsset {
  readonly path: string;
  /** `zip`: `path` is a folder still to be zipped. `file`: `path` is uploaded as it is. */
  readonly packaging: string;
}

export interface ImageAsset {
  readonly tag: string;
  /** The build context; undefined when a program of the app makes the image. */
  readonly directory?: string;
  readonly dockerFile: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly buildTarget?: string;
}

export interface Assembly {
  readonly stacks: readonly StackTemplate[];
  /** By object key. */
  readonly files: ReadonlyMap<string, FileAsset>;
  /** By image tag. */
  readonly images: ReadonlyMap<string, ImageAsset>;
}

interface Environment {
  readonly region: string;
  readonly accountId: string;
}

/** Reads an assembly and those nested in it (CDK stages). @throws AssemblyError */
export function openAssembly(directory: string, fallback: Environment): Assembly {
  const stacks: StackTemplate[] = [];
  const files = new Map<string, FileAsset>();
  const images = new Map<string, ImageAsset>();
  for (const { folder, id, artifact } of artifactsOf(resolve(directory))) {
    const { templateFile, stackName, file } = artifact.properties;
    if (artifact.type === 'aws:cloudformation:stack' && templateFile !== undefined) {
      const template = readJson(join(folder, templateFile), templateSchema);
      const environment = environmentOf(artifact.environment, fallback);
      stacks.push({ name: stackName ?? id, template, ...environment });
    }
    if (artifact.type === 'cdk:asset-manifest' && file !== undefined) {
      readAssets(folder, file, files, images);
    }
  }
  return { stacks, files, images };
}

interface FoundArtifact {
  readonly folder: string;
  readonly id: string;
  readonly artifact: Artifact;
}

function artifactsOf(folder: string): FoundArtifact[] {
  const manifestFile = join(folder, 'manifest.json');
  if (!existsSync(manifestFile)) {
    throw new AssemblyError(`${folder} holds no cloud assembly: manifest.json is missing`);
  }
  const { artifacts } = readJson(manifestFile, manifestSchema);
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    const nested = artifact.properties.directoryName;
    return artifact.type === 'cdk:cloud-assembly' && nested !== undefined
      ? artifactsOf(join(folder, nested))
      : [{ folder, id, artifact }];
  });
}

function readAssets(
  folder: string,
  manifest: string,
  files: Map<string, FileAsset>,
  images: Map<string, ImageAsset>,
): void {
  const assets = readJson(join(folder, manifest), assetsSchema);
  for (const { source, destinations } of Object.values(assets.files)) {
    for (const { objectKey } of Object.values(destinations)) {
      if (source.path === undefined) continue;
      files.set(objectKey, { path: resolve(folder, source.path), packaging: source.packaging });
    }
  }
  for (const { source, destinations } of Object.values(assets.dockerImages)) {
    for (const { imageTag } of Object.values(destinations)) {
      images.set(imageTag, {
        tag: imageTag,
        directory: source.directory === undefined ? undefined : resolve(folder, source.directory),
        dockerFile: source.dockerFile,
        buildArgs: source.dockerBuildArgs,
        buildTarget: source.dockerBuildTarget,
      });
    }
  }
}

/** `aws://111111111111/eu-west-1`; an unbound stack says `unknown-account` and `unknown-region`. */
function environmentOf(text: string | undefined, fallback: Environment): Environment {
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(text ?? '') ?? [];
  return {
    accountId:
      account === undefined || account === 'unknown-account' ? fallback.accountId : account,
    region: region === undefined || region === 'unknown-region' ? fallback.region : region,
  };
}

function readJson<T>(path: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new AssemblyError(`${path} does not read as part of a cloud assembly: ${reason}`, {
      cause: error,
    });
  }
}
