import type { TableModel } from '../model.js';
import { TableArns } from './arns.js';
import { askForCapacity, asAsked, isDataOperation, NO_USAGE, usageOf } from './capacity.js';
import type { JsonObject, Usage } from './capacity.js';
import { EngineConnection, type EngineAnswer } from './engine-connection.js';

export interface DynamoAnswer extends EngineAnswer {
  readonly usage: Usage;
  /** The request as the caller sent it; undefined when it is not a JSON object. */
  readonly request: JsonObject | undefined;
  readonly errorCode?: string;
}

/** DynamoDB and DynamoDB Streams as functions see them, over the engine. */
export class DynamoEndpoint {
  readonly #engine: EngineConnection;
  readonly #arns: TableArns;

  constructor(engineUrl: string, tables: readonly TableModel[]) {
    this.#engine = new EngineConnection(engineUrl);
    this.#arns = new TableArns(tables);
  }

  /** @param target the X-Amz-Target header: `DynamoDB_20120810.PutItem` @throws EngineUnreachableError */
  async call(target: string, body: Buffer): Promise<DynamoAnswer> {
    const request = jsonObject(body);
    if (request === undefined) return this.#unchanged(target, body);
    const operation = target.slice(target.indexOf('.') + 1);
    return isDataOperation(operation)
      ? this.#dataCall(target, operation, request)
      : this.#tableCall(target, request);
  }

  close(): void {
    this.#engine.close();
  }

  /** What the engine says to a body that is no JSON object is what the caller shall read. */
  async #unchanged(target: string, body: Buffer): Promise<DynamoAnswer> {
    const answer = await this.#engine.send(target, body);
    return { ...answer, ...failure(answer), request: undefined, usage: NO_USAGE };
  }

  async #dataCall(target: string, operation: string, request: JsonObject): Promise<DynamoAnswer> {
    const asked = askForCapacity(this.#arns.toEngine(request));
    const answer = await this.#engine.send(target, JSON.stringify(asked));
    if (answer.statusCode !== 200)
      return { ...answer, ...failure(answer), request, usage: NO_USAGE };
    const response = jsonObject(answer.body) ?? {};
    const body = JSON.stringify(asAsked(request, response));
    return { ...changed(answer, body), request, usage: usageOf(operation, request, response) };
  }

  async #tableCall(target: string, request: JsonObject): Promise<DynamoAnswer> {
    const answer = await this.#engine.send(target, JSON.stringify(this.#arns.toEngine(request)));
    const said = answer.body.toString('utf8');
    // Records of a stream hold what users stored; they tell of no table.
    const body = target.endsWith('.GetRecords') ? said : this.#arns.toCaller(said);
    const told = body === said ? answer : changed(answer, body);
    return { ...told, ...failure(told), request, usage: NO_USAGE };
  }
}

/** The checksum is of the engine's words; botocore refuses a body it does not fit. */
function changed(answer: EngineAnswer, body: string): EngineAnswer {
  const headers = { ...answer.headers };
  delete headers['x-amz-crc32'];
  return { ...answer, headers, body: Buffer.from(body) };
}

function failure({ statusCode, body }: EngineAnswer): { readonly errorCode?: string } {
  if (statusCode < 400) return {};
  const type = jsonObject(body)?.['__type'];
  return { errorCode: typeof type === 'string' ? (type.split('#').at(-1) ?? type) : 'Unknown' };
}

function jsonObject(body: Buffer): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
