/** Asks the orchestrator function, and tells failures that pass from those that do not. */
import { InvokeCommand, LambdaServiceException, type LambdaClient } from '@aws-sdk/client-lambda';
import {
  answerAnswerSchema,
  cancelAnswerSchema,
  controlAnswerSchema,
  heartbeatAnswerSchema,
  overrideAnswerSchema,
  redriveAnswerSchema,
  startAnswerSchema,
  type AnswerAnswer,
  type AnswerRequest,
  type CancelAnswer,
  type CancelRequest,
  type ControlAnswer,
  type ControlRequest,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  type OverrideAnswer,
  type OverrideRequest,
  type RedriveAnswer,
  type RedriveRequest,
  type StartAnswer,
  type StartRequest,
} from '@orchestra/workflow-core';
import type * as z from 'zod';
import { ProblemError } from './problems.js';

/** Milliseconds. API Gateway gives up after 29 s, and an answer of ours says more than its. */
const PATIENCE = 26_000;

/** Each request may be repeated: it is done once, and its answer is the same. So the SDK may retry. */
export interface Orchestrator {
  start(request: StartRequest): Promise<StartAnswer>;
  cancel(request: CancelRequest): Promise<CancelAnswer>;
  redrive(request: RedriveRequest): Promise<RedriveAnswer>;
  control(request: ControlRequest): Promise<ControlAnswer>;
  override(request: OverrideRequest): Promise<OverrideAnswer>;
  answer(request: AnswerRequest): Promise<AnswerAnswer>;
  heartbeat(request: HeartbeatRequest): Promise<HeartbeatAnswer>;
}

/** Its methods throw `ORCHESTRATOR_UNAVAILABLE` where nobody knows how far it came. */
export function orchestratorBehindLambda(client: LambdaClient, arn: string): Orchestrator {
  const asking =
    <Request, Schema extends z.ZodType>(schema: Schema, advice: (request: Request) => string) =>
    async (request: Request): Promise<z.output<Schema>> => {
      const unavailable = (cause: unknown) =>
        new ProblemError('ORCHESTRATOR_UNAVAILABLE', advice(request), { cause });
      const { Payload, FunctionError } = await client
        .send(new InvokeCommand({ FunctionName: arn, Payload: JSON.stringify(request) }), {
          abortSignal: AbortSignal.timeout(PATIENCE),
        })
        .catch((cause: unknown) => {
          throw isPassing(cause) ? unavailable(cause) : cause;
        });
      const answer = Buffer.from(Payload ?? []).toString();
      if (FunctionError !== undefined) throw unavailable(new Error(answer));
      return schema.parse(JSON.parse(answer));
    };
  return {
    start: asking(
      startAnswerSchema,
      ({ workflowId }: StartRequest) =>
        `send the request again with "workflowId": "${workflowId}": that starts it once, whatever happened`,
    ),
    cancel: asking(
      cancelAnswerSchema,
      () => 'send the request again: that cancels it for certain, whatever happened',
    ),
    control: asking(
      controlAnswerSchema,
      ({ mode }: ControlRequest) =>
        `send the request again: that ${mode}s it for certain, whatever happened`,
    ),
    answer: asking(
      answerAnswerSchema,
      () =>
        'send the answer again, with the same Idempotency-Key if it had one: one of them counts',
    ),
    heartbeat: asking(
      heartbeatAnswerSchema,
      () => 'send the request again: that puts the deadline off for certain',
    ),
    override: asking(
      overrideAnswerSchema,
      () => 'look at the task: when it has not ended so, send the request again',
    ),
    redrive: asking(
      redriveAnswerSchema,
      () => 'look at the workflow: when its epoch has not grown, send the request again',
    ),
  };
}

/** Throttled, broken on AWS's side, or not answered at all; what is wrong with us, such as a missing permission, stays. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof LambdaServiceException)) return true;
  const status = error.$metadata.httpStatusCode ?? 0;
  return status === 429 || status >= 500;
}
