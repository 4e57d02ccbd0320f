import * as z from 'zod';

/** What is written to the client. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const resultSchema = z.object({
  statusCode: z.coerce.number().int().min(200).max(599),
  headers: z.record(z.string(), scalar).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(scalar)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Framing belongs to the server, not to the function. */
const HOP_BY_HOP = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Turns a function's result into the answer it describes.
 * @param decodes whether a base64 body is decoded for this client
 * @returns undefined when the result is not one: API Gateway answers 502
 */
export function readProxyResult(payload: string, decodes: boolean): Answer | undefined {
  const parsed = resultSchema.safeParse(jsonOf(payload));
  if (!parsed.success) return undefined;
  const { statusCode, body, isBase64Encoded, headers, multiValueHeaders } = parsed.data;
  const merged = mergeHeaders(headers ?? {}, multiValueHeaders ?? {});
  if (!merged.every(([name, value]) => HEADER_NAME.test(name) && HEADER_VALUE.test(value))) {
    return undefined;
  }
  const typed = merged.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    statusCode,
    headers: typed ? merged : [['Content-Type', 'application/json'], ...merged],
    body: Buffer.from(body ?? '', isBase64Encoded === true && decodes ? 'base64' : 'utf8'),
  };
}

/** A name in both wins by its multi-value form. */
function mergeHeaders(
  single: Readonly<Record<string, string>>,
  multiple: Readonly<Record<string, readonly string[]>>,
): readonly (readonly [string, string])[] {
  const many = Object.entries(multiple).flatMap(([name, values]) =>
    values.map((value) => [name, value] as const),
  );
  const taken = new Set(Object.keys(multiple).map((name) => name.toLowerCase()));
  const one = Object.entries(single).filter(([name]) => !taken.has(name.toLowerCase()));
  return [...one, ...many].filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
