import * as z from 'zod';
import type { SiteModel } from '../model.js';
import type { Assembly } from './assembly.js';
import type { SkippedNames } from './coverage.js';
import { ResourceError } from './errors.js';
import { cfnBoolean, cfnString, type LiveResource } from './resources.js';

const bucketSchema = z.object({
  WebsiteConfiguration: z
    .object({
      IndexDocument: z.string().optional(),
      ErrorDocument: z.string().optional(),
      RoutingRules: z.unknown().optional(),
      RedirectAllRequestsTo: z.unknown().optional(),
    })
    .optional(),
  LoggingConfiguration: z.object({ DestinationBucketName: z.string().optional() }).default({}),
});

const deploymentSchema = z.object({
  DestinationBucketName: z.string(),
  DestinationBucketKeyPrefix: z.string().optional(),
  SourceObjectKeys: z.array(z.string()),
  SourceMarkers: z.array(z.record(z.string(), cfnString)).default([]),
  SourceMarkersConfig: z.array(z.object({ jsonEscape: cfnBoolean.default(false) })).default([]),
  Exclude: z.array(z.string()).default([]),
});

interface SiteReader {
  readonly assembly: Assembly;
  readonly resources: readonly LiveResource[];
  readonly skipped: SkippedNames;
  /** Addresses the stacks would have -> those of this machine. */
  readonly addresses: Readonly<Record<string, string>>;
}

/** Buckets served as websites, with what is deployed to them. @throws UnresolvableError, ResourceError */
export function readSites(reader: SiteReader): readonly SiteModel[] {
  const { resources, skipped } = reader;
  const buckets = resources
    .filter(({ type }) => type === 'AWS::S3::Bucket')
    .map((resource) => ({ resource, name: resource.ref(), ...resource.read(bucketSchema) }));
  const logTargets = new Set(
    buckets.map(({ LoggingConfiguration }) => LoggingConfiguration.DestinationBucketName),
  );
  return buckets.flatMap(({ resource, name, WebsiteConfiguration: website }) => {
    if (website?.IndexDocument === undefined) {
      if (!logTargets.has(name)) skipped.add(`${resource.type} (${resource.where})`);
      return [];
    }
    for (const property of ['RoutingRules', 'RedirectAllRequestsTo'] as const) {
      if (website[property] === undefined) continue;
      skipped.add(`${resource.type}.WebsiteConfiguration.${property}`);
    }
    return [
      {
        bucketName: name,
        sources: sourcesOf(name, reader),
        indexDocument: website.IndexDocument,
        ...(website.ErrorDocument !== undefined && { errorDocument: website.ErrorDocument }),
      },
    ];
  });
}

function sourcesOf(bucketName: string, reader: SiteReader): SiteModel['sources'] {
  return reader.resources
    .filter(({ type }) => type === 'Custom::CDKBucketDeployment')
    .flatMap((resource) => {
      const deployment = resource.read(deploymentSchema);
      if (deployment.DestinationBucketName !== bucketName) return [];
      const { DestinationBucketKeyPrefix: prefix, Exclude: exclude } = deployment;
      return deployment.SourceObjectKeys.map((key, index) => {
        const escape = deployment.SourceMarkersConfig[index]?.jsonEscape === true;
        const markers = Object.entries(deployment.SourceMarkers[index] ?? {}).map(
          ([marker, value]) => [marker, escape ? jsonEscaped(value) : value] as const,
        );
        return {
          directory: directoryOf(key, resource, reader.assembly),
          exclude,
          ...(prefix !== undefined && { prefix }),
          replace: { ...Object.fromEntries(markers), ...reader.addresses },
        };
      });
    });
}

const jsonEscaped = (text: string) => JSON.stringify(text).slice(1, -1);

function directoryOf(key: string, resource: LiveResource, assembly: Assembly): string {
  const asset = assembly.files.get(key);
  if (asset?.packaging === 'zip') return asset.path;
  const found = asset === undefined ? 'not an asset of this assembly' : 'an archive, not a folder';
  throw new ResourceError(resource.where, `the source ${key} is ${found}`);
}
