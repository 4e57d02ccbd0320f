/** What lies in the failure queue, read. Whatever cannot be read is shown as it is and never acted on. */
import * as z from 'zod';

export interface FailureError {
  readonly type: string;
  readonly message: string;
}

interface Common {
  readonly messageId: string;
  /** When it was given up on, ISO 8601. */
  readonly at?: string;
  readonly receiveCount: number;
  readonly error?: FailureError;
}

/** A workflow that the orchestrator could not decide on, for a reason of its own. */
export interface WorkflowFailure extends Common {
  readonly kind: 'workflow';
  readonly workflowIds: readonly string[];
  readonly epoch?: number;
}

/** An asynchronous event that Lambda gave up on after its tries, or for its age. */
export interface EventFailure extends Common {
  readonly kind: 'event';
  readonly functionArn: string;
  readonly payload: unknown;
  readonly workflowIds: readonly string[];
}

/** Records that the stream mapping gave up on. The message tells where they are, not what they hold. */
export interface StreamFailure extends Common {
  readonly kind: 'stream';
  readonly functionArn: string;
  readonly records: StreamRange;
  readonly workflowIds?: undefined;
}

export interface StreamRange {
  readonly streamArn: string;
  readonly shardId: string;
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

interface UnknownFailure extends Common {
  readonly kind: 'unknown';
  readonly body: string;
  readonly workflowIds?: undefined;
}

export type Failure = WorkflowFailure | EventFailure | StreamFailure | UnknownFailure;

const workflowSchema = z.object({
  kind: z.literal('workflow'),
  workflowId: z.string(),
  epoch: z.int().optional(),
  error: z.object({ type: z.string(), message: z.string() }).optional(),
  at: z.string().optional(),
});

/** AWS's record of an invocation that failed, the same from both of its sources. */
const invocationSchema = z.object({
  timestamp: z.string().optional(),
  requestContext: z.object({ functionArn: z.string(), condition: z.string().optional() }),
  responseContext: z.object({ functionError: z.string().nullish() }).optional(),
  responsePayload: z.unknown().optional(),
});
const eventSchema = invocationSchema.extend({ requestPayload: z.json() });
const digits = z.string().regex(/^\d+$/);
const streamSchema = invocationSchema.extend({
  DDBStreamBatchInfo: z.object({
    streamArn: z.string(),
    shardId: z.string(),
    startSequenceNumber: digits,
    endSequenceNumber: digits,
    batchSize: z.int().default(1),
  }),
});

const thrownSchema = z.object({ errorType: z.string(), errorMessage: z.string().default('') });
const ofWorkflowSchema = z.object({ workflowId: z.string() });

/** A message as the queue gives it. */
export interface RawMessage {
  readonly messageId: string;
  readonly body: string;
  readonly receiveCount: number;
}

export function readFailure({ messageId, body, receiveCount }: RawMessage): Failure {
  const document = parseJson(body);
  const base = { messageId, receiveCount };
  const workflow = workflowSchema.safeParse(document).data;
  if (workflow !== undefined) {
    const { workflowId, kind, ...rest } = workflow;
    return { ...base, kind, workflowIds: [workflowId], ...rest };
  }
  return invocationFailure(document, base) ?? { ...base, kind: 'unknown', body };
}

function invocationFailure(
  document: unknown,
  base: Pick<Common, 'messageId' | 'receiveCount'>,
): Failure | undefined {
  const stream = streamSchema.safeParse(document).data;
  if (stream !== undefined) {
    const range = stream.DDBStreamBatchInfo;
    const { streamArn, shardId, startSequenceNumber: from, endSequenceNumber: to } = range;
    const records = { streamArn, shardId, from, to, count: range.batchSize };
    return { ...base, ...told(stream), kind: 'stream', records };
  }
  const event = eventSchema.safeParse(document).data;
  if (event === undefined) return undefined;
  const payload = event.requestPayload;
  const id = ofWorkflowSchema.safeParse(payload).data?.workflowId;
  const workflowIds = id === undefined ? [] : [id];
  return { ...base, ...told(event), kind: 'event', payload, workflowIds };
}

function told(document: z.infer<typeof invocationSchema>) {
  const { timestamp, requestContext, responseContext, responsePayload } = document;
  const thrown = thrownSchema.safeParse(responsePayload).data;
  const type = thrown?.errorType ?? responseContext?.functionError ?? undefined;
  const condition = requestContext.condition ?? '';
  return {
    functionArn: requestContext.functionArn,
    ...(timestamp !== undefined && { at: timestamp }),
    error: { type: type ?? condition, message: thrown?.errorMessage ?? (type ? condition : '') },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
