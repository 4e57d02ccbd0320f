import { join, resolve } from 'node:path';
import type { StackModel } from '../model.js';
import { readApis } from './apis.js';
import { openAssembly, type Assembly } from './assembly.js';
import { noteSkipped, SkippedNames } from './coverage.js';
import { UnresolvableError } from './errors.js';
import { providerArns, readFunction, type FunctionReader } from './functions.js';
import { URL_SUFFIX } from './identity.js';
import { createResolver, type Resolver } from './intrinsics.js';
import { liveResources, type LiveResource } from './resources.js';
import { createRoleReader } from './roles.js';
import { readSites } from './sites.js';
import { readTable, TABLE_TYPES } from './tables.js';
import { readMapping, readQueue, readRule, readScheduler } from './triggers.js';

export interface AssemblyContext {
  /** For stacks that are bound to no environment. */
  readonly region: string;
  readonly accountId: string;
  /** Where this machine serves the stage of an API: `http://localhost:3000/prod`; a slash at the end is dropped. */
  localApiUrl(apiId: string, stage: string): string;
  /** Where this machine serves a bucket's website: `http://localhost:4200`. */
  localSiteUrl?(bucketName: string): string;
  /** Where code that must be laid out first goes (images, inline code); default: `staged` in the assembly. */
  readonly stagingDirectory?: string;
}

/**
 * Reads a synthesised cloud assembly into the flat model the rest of this tool runs.
 * @param directory the assembly, `cdk.out`
 * @throws AssemblyError, UnresolvableError, ResourceError; each names the file, or the stack and logical id
 */
export function readAssembly(directory: string, context: AssemblyContext): StackModel {
  const assembly = openAssembly(directory, context);
  const resolver = createResolver(assembly.stacks, {
    localSiteUrl: context.localSiteUrl?.bind(context),
  });
  const everything = liveResources(assembly, resolver);
  const providers = providerArns(everything);
  const resources = everything.filter((resource) => !isProvider(resource, providers));
  const skipped = new SkippedNames();
  for (const { type, properties } of resources) noteSkipped(type, properties, skipped);

  const apis = readApis(resources, skipped);
  const addresses = localAddresses(apis, resources, context);
  const localised = (text: string) => replaceAll(text, addresses);
  const functions = functionsOf(resources, {
    assembly,
    resources,
    skipped,
    roleOf: createRoleReader(resources, resolver, skipped),
    localised,
    stagingDirectory: context.stagingDirectory ?? join(resolve(directory), 'staged'),
  });
  const functionArns = new Map(functions.map(({ name, arn }) => [name, arn]));
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);

  return {
    tables: resources
      .filter(({ type }) => TABLE_TYPES.has(type))
      .map((resource) => readTable(resource, skipped)),
    functions,
    mappings: ofType('AWS::Lambda::EventSourceMapping').flatMap((resource) =>
      readMapping(resource, functionArns, skipped),
    ),
    schedules: [
      ...ofType('AWS::Events::Rule').flatMap((resource) => readRule(resource, skipped)),
      ...ofType('AWS::Scheduler::Schedule').flatMap((resource) => readScheduler(resource, skipped)),
    ],
    queues: ofType('AWS::SQS::Queue').map(readQueue),
    apis,
    sites: readSites({ assembly, resources, skipped, addresses }),
    outputs: outputsOf(assembly, resolver, localised, skipped),
    skipped: skipped.list(),
  };
}

const isFunction = ({ type }: LiveResource) => type === 'AWS::Lambda::Function';

const isProvider = (resource: LiveResource, providers: ReadonlySet<string>) =>
  isFunction(resource) && providers.has(resource.attribute('Arn'));

function functionsOf(resources: readonly LiveResource[], reader: FunctionReader) {
  return resources.filter(isFunction).map((resource) => readFunction(resource, reader));
}

/**
 * The host of an API is literal text in a template, so neither an id nor a pseudo parameter can make it local:
 * the whole address is replaced once it is put together.
 */
function localAddresses(
  apis: StackModel['apis'],
  resources: readonly LiveResource[],
  context: AssemblyContext,
): Readonly<Record<string, string>> {
  const regions = new Map(
    resources
      .filter(({ type }) => type === 'AWS::ApiGateway::RestApi')
      .map((api) => [api.ref(), api.stack.region]),
  );
  return Object.fromEntries(
    apis.map(({ id, stage }) => [
      `https://${id}.execute-api.${regions.get(id)}.${URL_SUFFIX}/${stage}`,
      context.localApiUrl(id, stage).replace(/\/$/, ''),
    ]),
  );
}

function replaceAll(text: string, addresses: Readonly<Record<string, string>>): string {
  return Object.entries(addresses).reduce(
    (result, [address, local]) => result.replaceAll(address, local),
    text,
  );
}

/** An output that only speaks of what does not exist here is left out, and named. */
function outputsOf(
  assembly: Assembly,
  resolver: Resolver,
  localised: (text: string) => string,
  skipped: SkippedNames,
): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {};
  for (const stack of assembly.stacks) {
    for (const [name, { Value, Condition }] of Object.entries(stack.template.Outputs)) {
      if (!resolver.holds(stack, Condition)) continue;
      try {
        const value = resolver.value(stack, Value, name);
        outputs[`${stack.name}.${name}`] = localised(
          typeof value === 'string' ? value : JSON.stringify(value),
        );
      } catch (error) {
        if (!(error instanceof UnresolvableError) || !error.refersToSkippedType) throw error;
        skipped.add(`the output ${stack.name}.${name}`);
      }
    }
  }
  return outputs;
}
