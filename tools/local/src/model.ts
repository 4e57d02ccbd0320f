/**
 * What a synthesised cloud assembly says, flat and resolved: no intrinsic, no cross-stack reference is left.
 * `template/` makes it, the rest of this tool runs it. Nothing here knows a name of Orchestra's own.
 */
export interface StackModel {
  readonly tables: readonly TableModel[];
  readonly functions: readonly FunctionModel[];
  readonly mappings: readonly EventSourceMappingModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly queues: readonly QueueModel[];
  readonly apis: readonly ApiModel[];
  readonly sites: readonly SiteModel[];
  /** `Stack.OutputName` -> value. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Resource types, or `Type.Property` names, that this runtime leaves out; each is reported once. */
  readonly skipped: readonly string[];
}

export interface TableModel {
  readonly name: string;
  readonly arn: string;
  /** The ARN the template's mappings refer to. */
  readonly streamArn?: string;
  /** The body of a CreateTable request. */
  readonly createTable: Readonly<Record<string, unknown>>;
  readonly ttlAttribute?: string;
}

export interface FunctionModel {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** `nodejs24.x`, `python3.13`, ...; for an image the runtime its base image brings. */
  readonly runtime: string;
  /** `index.handler`: file without ending, then the exported name. */
  readonly handler: string;
  /** The folder with the function's code, as it lies in the assembly. */
  readonly codeDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly reservedConcurrency?: number;
  /** Where an asynchronous event goes after its last try; an ARN of a queue. */
  readonly onFailureArn?: string;
  /** Tries after the first of an asynchronous event; Lambda's default is 2. */
  readonly asyncRetries: number;
  readonly asyncMaxAgeSeconds: number;
  /** The role's identity: an access key id stands for it in every SDK call. */
  readonly roleName: string;
  readonly statements: readonly PolicyStatement[];
  /** Why this machine cannot run the function's code; only invoking it fails, with this reason. */
  readonly unavailable?: string;
}

export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: unknown;
}

export interface EventSourceMappingModel {
  readonly logicalId: string;
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly parallelizationFactor: number;
  /** -1: until the record leaves the stream. */
  readonly maximumRetryAttempts: number;
  /** -1: no bound. */
  readonly maximumRecordAgeSeconds: number;
  readonly bisectOnError: boolean;
  readonly reportsItemFailures: boolean;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** Lambda event patterns, parsed. Empty: every record. */
  readonly filters: readonly unknown[];
  readonly onFailureArn?: string;
}

export interface ScheduleModel {
  readonly logicalId: string;
  /** `rate(...)` in seconds. */
  readonly everySeconds: number;
  /** The rule itself, named in the event of a target without an input of its own. */
  readonly ruleArn?: string;
  readonly targets: readonly { readonly functionArn: string; readonly input?: unknown }[];
}

export interface QueueModel {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** Seconds for which a received message is hidden, unless the receiver says otherwise; SQS's default is 30. */
  readonly visibilityTimeoutSeconds?: number;
}

export interface ApiModel {
  readonly id: string;
  readonly stage: string;
  readonly routes: readonly RouteModel[];
  /** Gateway responses by type, such as `DEFAULT_4XX` or `BAD_REQUEST_BODY`. */
  readonly gatewayResponses: Readonly<Record<string, GatewayResponseModel>>;
  /** Media types whose bodies travel as base64, such as `image/*`; none: every body is text. */
  readonly binaryMediaTypes?: readonly string[];
}

export interface GatewayResponseModel {
  readonly statusCode?: number;
  /** Name -> mapping expression as the template writes it: `'*'` (quoted) or `method.request.header.origin`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
}

export interface RouteModel {
  /** API Gateway's resource path: `/workflows`, `/{proxy+}`. */
  readonly resourcePath: string;
  /** `ANY` or an HTTP method. */
  readonly method: string;
  readonly integration:
    | {
        readonly kind: 'lambda';
        readonly functionArn: string;
        /** Milliseconds; API Gateway's default is 29,000. */
        readonly timeoutMs?: number;
      }
    | {
        readonly kind: 'mock';
        readonly statusCode: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body?: string;
        /** Origins that are answered with themselves in Access-Control-Allow-Origin. */
        readonly echoedOrigins?: readonly string[];
      };
  /** JSON Schema of the request body by content type, when the method validates its body. */
  readonly bodySchemas?: Readonly<Record<string, unknown>>;
}

export interface SiteModel {
  readonly bucketName: string;
  /**
   * Folders whose files are laid over each other in this order. `replace` maps text -> value in text files, applied in
   * the order of its keys: a later key may match what an earlier one put in. `exclude` holds the deployment's globs,
   * `prefix` the folder of the site the files go to.
   */
  readonly sources: readonly {
    readonly directory: string;
    readonly exclude: readonly string[];
    readonly prefix?: string;
    readonly replace: Readonly<Record<string, string>>;
  }[];
  readonly indexDocument: string;
  readonly errorDocument?: string;
}
