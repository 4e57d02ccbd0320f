/** Starts workflows by asking the orchestrator function, and tells failures that pass from those that do not. */
import { InvokeCommand, LambdaServiceException, type LambdaClient } from '@aws-sdk/client-lambda';
import { startAnswerSchema, type StartAnswer, type StartRequest } from '@orchestra/workflow-core';
import { ProblemError } from './problems.js';

/** Milliseconds. API Gateway gives up after 29 s, and an answer of ours says more than its. */
const PATIENCE = 26_000;

export type StartWorkflow = (request: StartRequest) => Promise<StartAnswer>;

/** A start may be repeated: the same id and input give the same workflow. So the SDK may retry. */
export function startThroughLambda(client: LambdaClient, orchestratorArn: string): StartWorkflow {
  return async (request) => {
    const { Payload, FunctionError } = await client
      .send(
        new InvokeCommand({ FunctionName: orchestratorArn, Payload: JSON.stringify(request) }),
        { abortSignal: AbortSignal.timeout(PATIENCE) },
      )
      .catch((cause: unknown) => {
        throw isPassing(cause) ? startUnavailable(request, cause) : cause;
      });
    const answer = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw startUnavailable(request, new Error(answer));
    return startAnswerSchema.parse(JSON.parse(answer));
  };
}

/** Throttled, broken on AWS's side, or not answered at all; what is wrong with us, such as a missing permission, stays. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof LambdaServiceException)) return true;
  const status = error.$metadata.httpStatusCode ?? 0;
  return status === 429 || status >= 500;
}

/** Nobody knows how far the start came, so the answer says how to make sure. */
function startUnavailable({ workflowId }: StartRequest, cause: unknown): ProblemError {
  return new ProblemError(
    'START_UNAVAILABLE',
    `send the request again with "workflowId": "${workflowId}": that starts it once, whatever happened`,
    { cause },
  );
}
