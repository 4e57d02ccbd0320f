/** Answers to tasks that wait for one, and the list of those. */
import {
  answerCallbackRequestSchema,
  listCallbacksQuerySchema,
  taskStatusSchema,
  type AnswerCallbackResponse,
  type Callback,
  type HeartbeatResponse,
  type ListCallbacksResponse,
} from '@orchestra/api-contract';
import {
  isOpenCallback,
  tokenOf,
  type OpenCallback,
  type WorkflowRepository,
} from '@orchestra/workflow-core';
import { ANSWER_BYTES, travelBytes } from './answer-size.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { idempotencyKeyOf, nameOfKey } from './idempotency-key.js';
import { ProblemError } from './problems.js';
import { readBody, wrongFields } from './request-body.js';
import { queryOf, type Request, type Route, type RouteDependencies } from './route.js';

export const answer =
  ({ orchestrator, newId }: RouteDependencies): Route =>
  async (request) => {
    const asked = await readBody(request.req.raw, answerCallbackRequestSchema);
    const key = idempotencyKeyOf(request);
    const given = await orchestrator.answer({
      mode: 'answer',
      token: tokenFrom(request),
      // The same key with another answer is another answer.
      requestId: key === undefined ? newId() : nameOfKey(key, JSON.stringify(asked)),
      ...asked,
    });
    if (given.kind === 'unknown') throw unknown();
    if (given.kind === 'answered') throw new ProblemError('CALLBACK_ANSWERED', given.detail);
    if (given.kind === 'invalid') throw wrongFields(given.issues);
    const { workflowId, taskId } = given;
    const status = taskStatusSchema.parse(given.status);
    return request.json({ workflowId, taskId, status } satisfies AnswerCallbackResponse);
  };

export const heartbeat =
  ({ orchestrator }: RouteDependencies): Route =>
  async (request) => {
    const given = await orchestrator.heartbeat({ mode: 'heartbeat', token: tokenFrom(request) });
    if (given.kind === 'unknown') throw unknown();
    if (given.kind === 'answered') throw new ProblemError('CALLBACK_ANSWERED', given.detail);
    const { workflowId, taskId, deadline } = given;
    return request.json({ workflowId, taskId, deadline } satisfies HeartbeatResponse);
  };

const tokenFrom = (request: Request): string => request.req.param('token') ?? '';

/** Which token that was stays unsaid: problems are kept in logs. */
const unknown = () =>
  new ProblemError('CALLBACK_UNKNOWN', 'no task waits for an answer with this token');

const LISTED = 'callbacks';
/** Payloads beside their items that are read at once. */
const READS_AT_ONCE = 20;

export const list =
  ({ repository, now }: RouteDependencies): Route =>
  async (request) => {
    const { limit, cursor } = queryOf(request, listCallbacksQuerySchema);
    const page = await repository.listCallbacks({
      limit,
      ...(cursor === undefined ? {} : { cursor: decodeCursor(cursor, LISTED) }),
    });
    // What is too late is not open any more, though nobody may have noticed yet.
    const open = page.items.filter(
      (task): task is OpenCallback => isOpenCallback(task) && Date.parse(task.wakeAt) > now(),
    );
    return request.json({
      callbacks: fitting(await withInputs(repository, open)),
      ...(page.cursor !== undefined && { nextCursor: encodeCursor(page.cursor, LISTED) }),
    } satisfies ListCallbacksResponse);
  };

async function withInputs(
  repository: WorkflowRepository,
  tasks: readonly OpenCallback[],
): Promise<Callback[]> {
  const entries: Callback[] = [];
  for (let start = 0; start < tasks.length; start += READS_AT_ONCE) {
    const some = tasks.slice(start, start + READS_AT_ONCE);
    entries.push(...(await Promise.all(some.map((task) => entryOf(repository, task)))));
  }
  return entries;
}

async function entryOf(repository: WorkflowRepository, task: OpenCallback): Promise<Callback> {
  const { workflowId, taskId, definition, callback, wakeAt, heartbeats = 0, input } = task;
  return {
    ...{ workflowId, taskId, definition, token: tokenOf(task) },
    ...{ openedAt: callback.openedAt, deadline: wakeAt, heartbeats },
    ...(input && { input: await repository.getPayload(workflowId, input) }),
  };
}

/** Those inputs that fit together, in their order. */
function fitting(entries: readonly Callback[]): Callback[] {
  let sum = 0;
  return entries.map(({ input, ...entry }) => {
    const bytes = travelBytes(entry) + travelBytes(input);
    if (input === undefined || sum + bytes <= ANSWER_BYTES) {
      sum += bytes;
      return { ...entry, ...(input === undefined ? {} : { input }) };
    }
    sum += travelBytes(entry);
    return { ...entry, omitted: ['input'] };
  });
}
