/** Does once more what a message in the failure queue says was given up on. */
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { LIMITS } from '@orchestra/workflow-core';
import * as z from 'zod';
import type { EventFailure, Failure } from './failure-queue-message.js';
import { workflowIdsOf, type RecordReader } from './failure-queue-stream.js';
import type { Functions } from './target.js';

export interface RedriveDependencies {
  readonly functions: Functions;
  readonly lambda: LambdaClient;
  readonly records: RecordReader;
  readonly interrupted: AbortSignal;
}

/** Why a message stays in the queue, in one line. */
export class NotRedrivenError extends Error {
  override readonly name = 'NotRedrivenError';
}

const checkAnswerSchema = z.object({ checked: z.int(), repaired: z.int(), failed: z.int() });
type CheckAnswer = z.infer<typeof checkAnswerSchema>;

/** @returns what was done, in one line @throws Error when it was not: the message has to stay */
export async function redrive(failure: Failure, is: RedriveDependencies): Promise<string> {
  switch (failure.kind) {
    case 'event':
      return invokeAgain(failure, is);
    case 'workflow':
      return check(failure.workflowIds, is);
    case 'stream':
      return check(await workflowIdsOf(failure.records, is.records), is);
    case 'unknown':
      throw new NotRedrivenError('it is no message that this command knows');
  }
}

/** A message names a function; that it lies in the queue is no reason to invoke any but our own. */
async function invokeAgain(
  { functionArn, payload }: EventFailure,
  { functions, lambda, interrupted }: RedriveDependencies,
): Promise<string> {
  const { orchestratorArn, workerArn, tasks } = functions;
  const own = [orchestratorArn, workerArn, ...Object.values(tasks)];
  if (!own.includes(unqualified(functionArn)))
    throw new NotRedrivenError(`${functionArn} is no function of this installation`);
  await lambda.send(
    new InvokeCommand({
      FunctionName: functionArn,
      InvocationType: 'Event',
      Payload: JSON.stringify(payload),
    }),
    { abortSignal: interrupted },
  );
  return `${functionName(functionArn)} was invoked again`;
}

/** The orchestrator's look at these workflows, now: what should have happened is done. */
async function check(workflowIds: readonly string[], is: RedriveDependencies): Promise<string> {
  let sum: CheckAnswer = { checked: 0, repaired: 0, failed: 0 };
  for (let at = 0; at < workflowIds.length; at += LIMITS.tasksPerMessage) {
    const { checked, repaired, failed } = await checkSome(
      workflowIds.slice(at, at + LIMITS.tasksPerMessage),
      is,
    );
    sum = {
      checked: sum.checked + checked,
      repaired: sum.repaired + repaired,
      failed: sum.failed + failed,
    };
  }
  if (sum.failed > 0)
    throw new NotRedrivenError(
      `the orchestrator could not check ${sum.failed} of ${counted(workflowIds.length)}`,
    );
  return `${counted(sum.checked)} checked, ${sum.repaired} repaired`;
}

async function checkSome(
  workflowIds: readonly string[],
  { functions, lambda, interrupted }: RedriveDependencies,
): Promise<CheckAnswer> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({
      FunctionName: functions.orchestratorArn,
      Payload: JSON.stringify({ mode: 'check', workflowIds }),
    }),
    { abortSignal: interrupted },
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined)
    throw new NotRedrivenError(`the orchestrator failed: ${text.slice(0, 500)}`);
  const answer = checkAnswerSchema.safeParse(JSON.parse(text || 'null')).data;
  if (answer === undefined)
    throw new NotRedrivenError(`the orchestrator answered ${text.slice(0, 500)}`);
  return answer;
}

const counted = (count: number) => `${count} ${count === 1 ? 'workflow' : 'workflows'}`;

/** `arn:aws:lambda:<region>:<account>:function:<name>`, without a version behind. */
const unqualified = (functionArn: string) => functionArn.split(':').slice(0, 7).join(':');

export const functionName = (functionArn: string) => functionArn.split(':')[6] ?? functionArn;
