import type { TemplateResource } from './assembly.js';
import { fail, NO_VALUE, type Evaluator, type Place } from './evaluation.js';
import { identityOf, PARTITION, URL_SUFFIX, type IdentifiedResource } from './identity.js';

type References = Pick<Evaluator, 'reference' | 'attribute'>;
type SiteUrl = (bucketName: string) => string;

const PSEUDO_PARAMETERS: Readonly<Record<string, (place: Place) => unknown>> = {
  'AWS::Region': ({ stack }) => stack.region,
  'AWS::AccountId': ({ stack }) => stack.accountId,
  'AWS::Partition': () => PARTITION,
  'AWS::URLSuffix': () => URL_SUFFIX,
  'AWS::StackName': ({ stack }) => stack.name,
  'AWS::StackId': ({ stack }) =>
    `arn:${PARTITION}:cloudformation:${stack.region}:${stack.accountId}:stack/${stack.name}/local`,
  'AWS::NotificationARNs': () => [],
  'AWS::NoValue': () => NO_VALUE,
};

/** What a template's names stand for. `evaluate` resolves the properties a name is taken from. */
export function createReferences(
  evaluate: Evaluator['evaluate'],
  localSiteUrl: SiteUrl | undefined,
): References {
  function identified(logicalId: string, what: string, place: Place) {
    const { Resources } = place.stack.template;
    const found = Object.hasOwn(Resources, logicalId) ? Resources[logicalId] : undefined;
    if (found === undefined) return fail(place, `${what}: the template has no such resource`);
    const identity = identityOf(found.Type);
    if (identity === undefined) {
      return fail(place, `${what}: resources of type ${found.Type} do not exist here`, true);
    }
    const holder = { stack: place.stack, at: logicalId };
    return { identity, type: found.Type, resource: view(found, holder) };
  }

  function view(resource: TemplateResource, place: Place): IdentifiedResource {
    const identifiedResource: IdentifiedResource = {
      stackName: place.stack.name,
      logicalId: place.at,
      region: place.stack.region,
      accountId: place.stack.accountId,
      get name() {
        return identityOf(resource.Type)?.name(identifiedResource) ?? place.at;
      },
      property(name) {
        const resolved = evaluate(resource.Properties[name], place);
        return resolved === undefined || resolved === NO_VALUE ? undefined : String(resolved);
      },
      localSiteUrl: (bucketName) => localSiteUrl?.(bucketName).replace(/\/$/, ''),
    };
    return identifiedResource;
  }

  return {
    reference(name, place) {
      const pseudo = Object.hasOwn(PSEUDO_PARAMETERS, name) ? PSEUDO_PARAMETERS[name] : undefined;
      if (pseudo !== undefined) return pseudo(place);
      if (Object.hasOwn(place.stack.template.Parameters, name)) return parameter(name, place);
      const { identity, resource } = identified(name, `Ref ${name}`, place);
      return (identity.ref ?? identity.name)(resource);
    },
    attribute(logicalId, attribute, place) {
      const what = `Fn::GetAtt ${logicalId}.${attribute}`;
      const { identity, resource, type } = identified(logicalId, what, place);
      const rule = identity.attributes?.[attribute];
      return rule === undefined
        ? fail(place, `${what}: this runtime knows no such attribute of ${type}`)
        : rule(resource);
    },
  };
}

function parameter(name: string, place: Place): unknown {
  const { Type, Default } = place.stack.template.Parameters[name] ?? fail(place, `Ref ${name}`);
  if (Default === undefined) return fail(place, `the parameter ${name} has no default`);
  if (Type.startsWith('AWS::SSM::')) {
    return fail(place, `the parameter ${name} is read from the parameter store`);
  }
  const isList = Type === 'CommaDelimitedList' || Type.startsWith('List<');
  return isList
    ? String(Default)
        .split(',')
        .map((item) => item.trim())
    : String(Default);
}
