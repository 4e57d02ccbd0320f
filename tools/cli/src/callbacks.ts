/** Commands about tasks that wait for an answer: which those are, giving one, putting its deadline off. */
import { randomUUID } from 'node:crypto';
import type { AnswerCallbackRequest, Callback } from '@orchestra/api-contract';
import { LIMITS } from '@orchestra/workflow-core';
import { print, type CommonOptions } from './commands.js';
import { CliError, EXIT, type ExitCode } from './exit-code.js';
import { wordsOf, type OrderOptions } from './orders.js';
import type { System } from './system.js';
import { oneLine, table } from './tables.js';
import { findApi } from './target.js';

export async function listCallbacks(
  options: CommonOptions & { readonly limit: number },
  system: System,
): Promise<ExitCode> {
  const api = await findApi(options, system);
  const callbacks: Callback[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(options.limit - callbacks.length, LIMITS.listPageSize.max);
    const page = await api.listCallbacks({ limit, cursor });
    callbacks.push(...page.callbacks);
    cursor = page.nextCursor;
  } while (cursor !== undefined && callbacks.length < options.limit);
  const more = cursor !== undefined;
  print(options, system, { callbacks, more }, () => [
    ...(callbacks.length === 0 ? ['nothing waits for an answer'] : callbackTable(callbacks)),
    ...(more ? ['there are more: --limit shows them'] : []),
  ]);
  return EXIT.done;
}

/** The token comes last: it is the longest, and what one copies. */
const callbackTable = (callbacks: readonly Callback[]): string[] =>
  table(
    ['WORKFLOW', 'TASK', 'OPENED', 'DEADLINE', 'INPUT', 'TOKEN'],
    callbacks.map(({ workflowId, taskId, openedAt, deadline, input, omitted, token }) => [
      workflowId,
      taskId,
      openedAt,
      deadline,
      omitted ? 'too large' : input === undefined ? '-' : shortened(JSON.stringify(input)),
      token,
    ]),
  );

const SHOWN = 60;

function shortened(text: string): string {
  const line = oneLine(text);
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 3)}...` : line;
}

export interface AnswerOptions extends OrderOptions {
  readonly outcome: AnswerCallbackRequest['outcome'];
  readonly output?: AnswerCallbackRequest['output'];
  readonly error?: string;
}

/** It does not ask: whoever has the token was asked. */
export async function answer(
  token: string,
  options: AnswerOptions,
  system: System,
): Promise<ExitCode> {
  const { outcome, output, error } = options;
  if (outcome === 'success' && error !== undefined)
    throw new CliError(EXIT.usage, '--error is only for --outcome failure');
  if (outcome === 'failure' && output !== undefined)
    throw new CliError(EXIT.usage, '--output is only for --outcome success');
  const api = await findApi(options, system);
  const body = {
    outcome,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error: { message: error } }),
    ...wordsOf(options),
  };
  // Should the answer to it get lost on its way, the same again is told the same.
  const answered = await api.answerCallback({ token, body }, { idempotencyKey: randomUUID() });
  print(options, system, answered, () => [
    `${answered.workflowId}  ${answered.taskId}  ${answered.status}`,
  ]);
  return EXIT.done;
}

export async function heartbeat(
  token: string,
  options: CommonOptions,
  system: System,
): Promise<ExitCode> {
  const beat = await (await findApi(options, system)).heartbeatCallback({ token });
  print(options, system, beat, () => [
    `${beat.workflowId}  ${beat.taskId}  waits until ${beat.deadline}`,
  ]);
  return EXIT.done;
}
