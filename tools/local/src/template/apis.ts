import * as z from 'zod';
import type { ApiModel, GatewayResponseModel, RouteModel } from '../model.js';
import type { SkippedNames } from './coverage.js';
import { ResourceError } from './errors.js';
import { readMock } from './mock-integration.js';
import { cfnBoolean, cfnNumber, cfnString, functionArnOf, type LiveResource } from './resources.js';

const apiSchema = z.object({ BinaryMediaTypes: z.array(z.string()).optional() });
const ofApi = z.object({ RestApiId: z.string() });
const stageSchema = ofApi.extend({
  StageName: z.string(),
  MethodSettings: z.array(z.record(z.string(), z.unknown())).default([]),
});
const resourceSchema = ofApi.extend({ ParentId: z.string(), PathPart: z.string() });

const methodSchema = ofApi.extend({
  ResourceId: z.string(),
  HttpMethod: z.string(),
  AuthorizationType: z.string().default('NONE'),
  ApiKeyRequired: cfnBoolean.default(false),
  RequestModels: z.record(z.string(), z.string()).default({}),
  RequestParameters: z.record(z.string(), z.unknown()).default({}),
  RequestValidatorId: z.string().optional(),
  Integration: z
    .object({
      Type: z.string(),
      Uri: z.string().optional(),
      TimeoutInMillis: cfnNumber.optional(),
      RequestParameters: z.record(z.string(), z.unknown()).optional(),
      IntegrationResponses: z
        .array(
          z.object({
            StatusCode: cfnString,
            SelectionPattern: z.string().optional(),
            ResponseParameters: z.record(z.string(), z.string()).default({}),
            ResponseTemplates: z.record(z.string(), z.string()).default({}),
          }),
        )
        .default([]),
    })
    .optional(),
});

const modelSchema = ofApi.extend({ Schema: z.unknown().optional() });
const validatorSchema = ofApi.extend({
  ValidateRequestBody: cfnBoolean.default(false),
  ValidateRequestParameters: cfnBoolean.default(false),
});
const gatewayResponseSchema = ofApi.extend({
  ResponseType: z.string(),
  StatusCode: cfnNumber.optional(),
  ResponseParameters: z.record(z.string(), z.string()).default({}),
  ResponseTemplates: z.record(z.string(), z.string()).default({}),
});

type Method = z.infer<typeof methodSchema>;

const STAGE_SETTINGS_WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'HttpMethod',
  'ResourcePath',
  'LoggingLevel',
  'DataTraceEnabled',
  'MetricsEnabled',
]);

/** One model for every stage of a REST API. @throws UnresolvableError, ResourceError */
export function readApis(
  resources: readonly LiveResource[],
  skipped: SkippedNames,
): readonly ApiModel[] {
  const ofType = (type: string) =>
    resources.filter((resource) => resource.type === `AWS::ApiGateway::${type}`);
  return ofType('RestApi').flatMap((api) => {
    const id = api.ref();
    const own = (type: string) =>
      ofType(type).filter((resource) => resource.read(ofApi).RestApiId === id);
    const { BinaryMediaTypes } = api.read(apiSchema);
    const shared = {
      id,
      routes: routesOf(api, own, skipped),
      gatewayResponses: gatewayResponsesOf(own('GatewayResponse')),
      ...(BinaryMediaTypes && { binaryMediaTypes: BinaryMediaTypes.map(mediaType) }),
    };
    return own('Stage').map((stage) => ({ ...shared, stage: stageName(stage, skipped) }));
  });
}

/** Templates may write `image~1png` for `image/png`. */
const mediaType = (text: string) => text.replaceAll('~1', '/');

function stageName(stage: LiveResource, skipped: SkippedNames): string {
  const { StageName, MethodSettings } = stage.read(stageSchema);
  for (const setting of MethodSettings.flatMap(Object.keys)) {
    if (!STAGE_SETTINGS_WITHOUT_EFFECT.has(setting)) {
      skipped.add(`${stage.type}.MethodSettings.${setting}`);
    }
  }
  return StageName;
}

type OwnResources = (type: string) => readonly LiveResource[];

function routesOf(
  api: LiveResource,
  own: OwnResources,
  skipped: SkippedNames,
): readonly RouteModel[] {
  const paths = resourcePaths(api, own('Resource'));
  return own('Method').flatMap((resource) => {
    const method = resource.read(methodSchema);
    const resourcePath = paths.get(method.ResourceId);
    if (resourcePath === undefined) {
      throw new ResourceError(resource.where, `${method.ResourceId} is no resource of its API`);
    }
    const skip = (property: string) => skipped.add(`${resource.type}.${property}`);
    noteProtection(method, skip);
    const integration = integrationOf(method, skip);
    if (integration === undefined) return [];
    const bodySchemas = bodySchemasOf(method, own, skip);
    return [
      { resourcePath, method: method.HttpMethod, integration, ...(bodySchemas && { bodySchemas }) },
    ];
  });
}

/** Resource id -> path, from the root down. */
function resourcePaths(
  api: LiveResource,
  resources: readonly LiveResource[],
): ReadonlyMap<string, string> {
  const parts = new Map(
    resources.map((resource) => [resource.ref(), resource.read(resourceSchema)]),
  );
  const root = api.attribute('RootResourceId');
  const pathOf = (id: string): string => {
    const part = parts.get(id);
    return part === undefined ? '' : `${pathOf(part.ParentId)}/${part.PathPart}`;
  };
  return new Map([[root, '/'], ...[...parts.keys()].map((id) => [id, pathOf(id)] as const)]);
}

function noteProtection(method: Method, skip: (property: string) => void): void {
  if (method.AuthorizationType !== 'NONE') {
    skip(`AuthorizationType (${method.AuthorizationType})`);
  }
  if (method.ApiKeyRequired) skip('ApiKeyRequired');
}

function integrationOf(
  { Integration: integration, HttpMethod }: Method,
  skip: (property: string) => void,
): RouteModel['integration'] | undefined {
  if (integration?.Type === 'MOCK') return readMock(integration.IntegrationResponses, skip);
  const functionArn = functionArnOf(integration?.Uri?.split('/functions/')[1] ?? '');
  if (integration?.Type !== 'AWS_PROXY' || functionArn === undefined) {
    skip(`Integration (${HttpMethod}: ${integration?.Type ?? 'none'})`);
    return undefined;
  }
  if (Object.keys(integration.RequestParameters ?? {}).length > 0) {
    skip('Integration.RequestParameters');
  }
  const timeoutMs = integration.TimeoutInMillis;
  return {
    kind: 'lambda',
    functionArn: functionArn.replace(/\/.*$/, ''),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function bodySchemasOf(
  method: Method,
  own: OwnResources,
  skip: (property: string) => void,
): RouteModel['bodySchemas'] {
  const validator = own('RequestValidator')
    .find((candidate) => candidate.ref() === method.RequestValidatorId)
    ?.read(validatorSchema);
  const required = Object.values(method.RequestParameters).some(
    (value) => String(value) === 'true',
  );
  if (validator?.ValidateRequestParameters === true && required) skip('RequestParameters');
  const models = Object.entries(method.RequestModels);
  if (validator?.ValidateRequestBody !== true || models.length === 0) return undefined;
  return Object.fromEntries(
    models.map(([contentType, name]) => {
      const model = own('Model').find((candidate) => candidate.ref() === name);
      const schema = model?.read(modelSchema).Schema ?? {};
      return [contentType, typeof schema === 'string' ? JSON.parse(schema) : schema];
    }),
  );
}

const GATEWAY_HEADER = 'gatewayresponse.header.';

function gatewayResponsesOf(
  resources: readonly LiveResource[],
): Readonly<Record<string, GatewayResponseModel>> {
  return Object.fromEntries(
    resources.map((resource) => {
      const response = resource.read(gatewayResponseSchema);
      const headers = Object.entries(response.ResponseParameters)
        .filter(([parameter]) => parameter.startsWith(GATEWAY_HEADER))
        .map(([parameter, expression]) => [parameter.slice(GATEWAY_HEADER.length), expression]);
      return [
        response.ResponseType,
        {
          ...(response.StatusCode !== undefined && { statusCode: response.StatusCode }),
          headers: Object.fromEntries(headers),
          templates: response.ResponseTemplates,
        },
      ];
    }),
  );
}
