/**
 * Every endpoint of the API, as data: the API's routes, its OpenAPI document and the client follow from this table.
 * A path's parameters are those of `PATH_PARAMETERS`.
 */
import * as z from 'zod';
import { LIMITS, idSchema, taskIdSchema } from '@orchestra/workflow-core';
import {
  answerCallbackRequestSchema,
  answerCallbackResponseSchema,
  callbackTokenSchema,
  heartbeatResponseSchema,
  listCallbacksQuerySchema,
  listCallbacksResponseSchema,
} from './callbacks.js';
import { concurrencyQuerySchema, concurrencyResponseSchema } from './concurrency.js';
import {
  definitionDetailSchema,
  listDefinitionsQuerySchema,
  listDefinitionsResponseSchema,
  listRevisionsResponseSchema,
  putDefinitionRequestSchema,
  putDefinitionResponseSchema,
  validateDefinitionResponseSchema,
} from './definitions.js';
import { listEventsQuerySchema, listEventsResponseSchema } from './events.js';
import {
  cancelWorkflowRequestSchema,
  cancelWorkflowResponseSchema,
  controlWorkflowRequestSchema,
  controlWorkflowResponseSchema,
  dryRunQuerySchema,
  redriveResponseSchema,
  redriveWorkflowRequestSchema,
  rerunTaskRequestSchema,
  setOutputRequestSchema,
  skipTaskRequestSchema,
  taskOrderResponseSchema,
} from './orders.js';
import type { ProblemCode } from './problem.js';
import {
  deleteScheduleResponseSchema,
  listSchedulesQuerySchema,
  listSchedulesResponseSchema,
  putScheduleRequestSchema,
  scheduleSchema,
} from './schedules.js';
import {
  explanationSchema,
  listTasksQuerySchema,
  listTasksResponseSchema,
  taskDetailSchema,
} from './tasks.js';
import {
  listWorkflowsQuerySchema,
  listWorkflowsResponseSchema,
  startWorkflowRequestSchema,
  startWorkflowResponseSchema,
  workflowSchema,
} from './workflows.js';

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: `/${string}`;
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** Optional ones may be empty: `{}` is meant then. `bytes` at most. */
  readonly body?: {
    readonly schema: z.ZodType;
    readonly required: boolean;
    readonly bytes: number;
  };
  /** Takes `Idempotency-Key`. */
  readonly keyed?: true;
  /** Has an `ETag`, and takes `If-None-Match`: 304 without a body when nothing changed. */
  readonly conditional?: true;
  /** Every 2xx status, and what it says; all have the same body. */
  readonly success: Readonly<Record<number, string>>;
  readonly answer: z.ZodType;
  /** Those of its own, beside `COMMON_PROBLEMS`. */
  readonly problems: readonly ProblemCode[];
}

/** `Idempotency-Key`: visible ASCII. */
export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must have 1 to 255 visible ASCII characters');

export const PATH_PARAMETERS = {
  workflowId: idSchema,
  /** Or an item of a map: `B[3]`. */
  taskId: taskIdSchema,
  token: callbackTokenSchema,
  name: idSchema,
  revision: z.coerce.number<string>().int().min(1),
} as const;

/** What any request may end with. */
export const COMMON_PROBLEMS = ['INTERNAL'] as const satisfies readonly ProblemCode[];

const READ = ['INVALID_REQUEST', 'STORE_UNAVAILABLE'] as const;
const READ_ONE = [...READ, 'NOT_FOUND'] as const;
const BODY = [
  'MALFORMED_JSON',
  'INVALID_REQUEST',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
] as const;
const ORDER = [...BODY, 'NOT_FOUND', 'ORCHESTRATOR_UNAVAILABLE'] as const;
const CALLBACK = ['CALLBACK_UNKNOWN', 'CALLBACK_ANSWERED', 'ORCHESTRATOR_UNAVAILABLE'] as const;
const TASK_ORDER = [...ORDER, 'ORDER_REFUSED'] as const;
const REDRIVE = [...ORDER, 'WORKFLOW_RUNNING', 'NOTHING_TO_RUN', 'REDRIVE_REFUSED'] as const;

const orderOf = (schema: z.ZodType) => ({ schema, required: false, bytes: LIMITS.bodyBytes });

export const endpoints = {
  getHealth: {
    method: 'GET',
    path: '/health',
    summary: 'Whether the API runs; reads nothing.',
    success: { 200: 'It does.' },
    answer: z.object({ status: z.literal('ok') }),
    problems: [],
  },
  getOpenApi: {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document.',
    conditional: true,
    success: { 200: 'OpenAPI 3.1.' },
    answer: z.record(z.string(), z.unknown()),
    problems: [],
  },
  getDefinitionSchema: {
    method: 'GET',
    path: '/schemas/definition.json',
    summary: 'The JSON Schema of a definition, for editors.',
    conditional: true,
    success: { 200: 'JSON Schema 2020-12.' },
    answer: z.record(z.string(), z.unknown()),
    problems: [],
  },
  startWorkflow: {
    method: 'POST',
    path: '/workflows',
    summary: 'Starts a workflow; safe to repeat with an id or a key.',
    // The gateway looks into it, and takes an empty one for no object.
    body: { ...orderOf(startWorkflowRequestSchema), required: true },
    keyed: true,
    success: {
      202: 'Started; Location is its address.',
      200: 'The same workflow was there already.',
    },
    answer: startWorkflowResponseSchema,
    problems: [...ORDER, 'WORKFLOW_CONFLICT'],
  },
  listWorkflows: {
    method: 'GET',
    path: '/workflows',
    summary: 'Workflows, newest first; may lag behind by moments.',
    query: listWorkflowsQuerySchema,
    conditional: true,
    success: { 200: 'A page of them.' },
    answer: listWorkflowsResponseSchema,
    problems: READ,
  },
  getWorkflow: {
    method: 'GET',
    path: '/workflows/{workflowId}',
    summary: 'One workflow with its tasks, or their first page.',
    conditional: true,
    success: { 200: 'As it is at this moment.' },
    answer: workflowSchema,
    problems: READ_ONE,
  },
  cancelWorkflow: {
    method: 'POST',
    path: '/workflows/{workflowId}/cancel',
    summary: 'Ends a running workflow; safe to repeat.',
    body: orderOf(cancelWorkflowRequestSchema),
    success: { 200: 'Nothing of it starts any more.' },
    answer: cancelWorkflowResponseSchema,
    problems: [...ORDER, 'WORKFLOW_ENDED'],
  },
  pauseWorkflow: {
    method: 'POST',
    path: '/workflows/{workflowId}/pause',
    summary: 'Lets no task of a workflow start until it is resumed; safe to repeat.',
    body: orderOf(controlWorkflowRequestSchema),
    success: { 200: 'What runs goes on, and nothing starts.' },
    answer: controlWorkflowResponseSchema,
    problems: [...ORDER, 'WORKFLOW_ENDED', 'ORDER_REFUSED'],
  },
  resumeWorkflow: {
    method: 'POST',
    path: '/workflows/{workflowId}/resume',
    summary: 'Lets a paused workflow go on; safe to repeat.',
    body: orderOf(controlWorkflowRequestSchema),
    success: { 200: 'It goes on.' },
    answer: controlWorkflowResponseSchema,
    problems: [...ORDER, 'WORKFLOW_ENDED', 'ORDER_REFUSED'],
  },
  redriveWorkflow: {
    method: 'POST',
    path: '/workflows/{workflowId}/redrive',
    summary: 'Runs again what failed, was skipped or cancelled.',
    query: dryRunQuerySchema,
    body: orderOf(redriveWorkflowRequestSchema),
    keyed: true,
    success: { 202: 'It goes on.', 200: 'What would be done.' },
    answer: redriveResponseSchema,
    problems: REDRIVE,
  },
  listEvents: {
    method: 'GET',
    path: '/workflows/{workflowId}/events',
    summary: 'What happened, oldest first.',
    query: listEventsQuerySchema,
    conditional: true,
    success: { 200: 'A page of it.' },
    answer: listEventsResponseSchema,
    problems: READ_ONE,
  },
  listTasks: {
    method: 'GET',
    path: '/workflows/{workflowId}/tasks',
    summary: 'The tasks of a workflow in the order of their ids, or the items of one of its maps.',
    query: listTasksQuerySchema,
    conditional: true,
    success: { 200: 'A page of them.' },
    answer: listTasksResponseSchema,
    problems: READ_ONE,
  },
  getTask: {
    method: 'GET',
    path: '/workflows/{workflowId}/tasks/{taskId}',
    summary: 'One task with its input, its output and every attempt.',
    conditional: true,
    success: { 200: 'As it is at this moment.' },
    answer: taskDetailSchema,
    problems: READ_ONE,
  },
  explainTask: {
    method: 'GET',
    path: '/workflows/{workflowId}/tasks/{taskId}/explain',
    summary: 'Why a task waits, runs, ended or was skipped.',
    conditional: true,
    success: { 200: 'The reason.' },
    answer: explanationSchema,
    problems: READ_ONE,
  },
  rerunTask: {
    method: 'POST',
    path: '/workflows/{workflowId}/tasks/{taskId}/rerun',
    summary: 'Runs a task again although it succeeded, and all a redrive runs.',
    query: dryRunQuerySchema,
    body: orderOf(rerunTaskRequestSchema),
    keyed: true,
    success: { 202: 'It goes on.', 200: 'What would be done.' },
    answer: redriveResponseSchema,
    problems: REDRIVE,
  },
  skipTask: {
    method: 'POST',
    path: '/workflows/{workflowId}/tasks/{taskId}/skip',
    summary: 'Skips a task; an ended workflow goes on with it.',
    body: orderOf(skipTaskRequestSchema),
    keyed: true,
    success: { 200: 'It is skipped.', 202: 'The workflow goes on, in which it is skipped.' },
    answer: taskOrderResponseSchema,
    problems: TASK_ORDER,
  },
  setTaskOutput: {
    method: 'PUT',
    path: '/workflows/{workflowId}/tasks/{taskId}/output',
    summary: 'Ends a task with this output; an ended workflow goes on with it.',
    body: { ...orderOf(setOutputRequestSchema), required: true },
    keyed: true,
    success: { 200: 'It has succeeded.', 202: 'The workflow goes on, in which it has.' },
    answer: taskOrderResponseSchema,
    problems: TASK_ORDER,
  },
  listDefinitions: {
    method: 'GET',
    path: '/definitions',
    summary: 'The newest revision of each definition, in the order of their names.',
    query: listDefinitionsQuerySchema,
    success: { 200: 'A page of them.' },
    answer: listDefinitionsResponseSchema,
    problems: READ,
  },
  validateDefinition: {
    method: 'POST',
    path: '/definitions:validate',
    summary: 'Names everything wrong with a definition; writes nothing.',
    // Invalid ones are answered too.
    body: { schema: z.unknown(), required: false, bytes: LIMITS.definitionBytes },
    success: { 200: 'Its issues, if any.' },
    answer: validateDefinitionResponseSchema,
    problems: ['MALFORMED_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
  },
  putDefinition: {
    method: 'PUT',
    path: '/definitions/{name}',
    summary: 'Stores a definition as the next revision, unless the newest one is the same.',
    body: {
      schema: putDefinitionRequestSchema,
      required: true,
      bytes: LIMITS.definitionBytes,
    },
    success: { 201: 'A new revision; Location is its address.', 200: 'Unchanged.' },
    answer: putDefinitionResponseSchema,
    problems: [...BODY, 'STORE_UNAVAILABLE'],
  },
  getDefinition: {
    method: 'GET',
    path: '/definitions/{name}',
    summary: 'The newest revision of a definition.',
    conditional: true,
    success: { 200: 'As it was stored.' },
    answer: definitionDetailSchema,
    problems: READ_ONE,
  },
  listRevisions: {
    method: 'GET',
    path: '/definitions/{name}/revisions',
    summary: 'The revisions of a definition, newest first.',
    query: listDefinitionsQuerySchema,
    success: { 200: 'A page of them.' },
    answer: listRevisionsResponseSchema,
    problems: READ_ONE,
  },
  getRevision: {
    method: 'GET',
    path: '/definitions/{name}/revisions/{revision}',
    summary: 'One revision of a definition, which never changes.',
    conditional: true,
    success: { 200: 'As it was stored.' },
    answer: definitionDetailSchema,
    problems: READ_ONE,
  },
  getConcurrency: {
    method: 'GET',
    path: '/definitions/{name}/concurrency',
    summary: 'Who has the places of a definition with a limit, and who waits for one.',
    query: concurrencyQuerySchema,
    conditional: true,
    success: { 200: 'By key, as it is at this moment.' },
    answer: concurrencyResponseSchema,
    problems: READ_ONE,
  },
  listCallbacks: {
    method: 'GET',
    path: '/callbacks',
    summary: 'Tasks that wait for an answer, the oldest first.',
    query: listCallbacksQuerySchema,
    conditional: true,
    success: { 200: 'A page of them.' },
    answer: listCallbacksResponseSchema,
    problems: READ,
  },
  answerCallback: {
    method: 'POST',
    path: '/callbacks/{token}',
    summary: 'Answers a task that waits for it; one answer counts.',
    body: { ...orderOf(answerCallbackRequestSchema), required: true },
    keyed: true,
    success: { 200: 'The task has ended so.' },
    answer: answerCallbackResponseSchema,
    problems: [...BODY, ...CALLBACK],
  },
  heartbeatCallback: {
    method: 'POST',
    path: '/callbacks/{token}/heartbeat',
    summary: 'Begins the time for an answer anew.',
    success: { 200: 'It waits until then.' },
    answer: heartbeatResponseSchema,
    problems: CALLBACK,
  },
  listSchedules: {
    method: 'GET',
    path: '/schedules',
    summary: 'The schedules in the order of their names.',
    query: listSchedulesQuerySchema,
    success: { 200: 'A page of them.' },
    answer: listSchedulesResponseSchema,
    problems: READ,
  },
  putSchedule: {
    method: 'PUT',
    path: '/schedules/{name}',
    summary: 'Makes a schedule, or all of it anew; safe to repeat.',
    body: { ...orderOf(putScheduleRequestSchema), required: true },
    success: { 201: 'Made; Location is its address.', 200: 'Changed, or unchanged.' },
    answer: scheduleSchema,
    problems: [...BODY, 'STORE_UNAVAILABLE', 'TOO_MANY_SCHEDULES'],
  },
  getSchedule: {
    method: 'GET',
    path: '/schedules/{name}',
    summary: 'A schedule, its next five times and what became of the last.',
    success: { 200: 'As it is at this moment.' },
    answer: scheduleSchema,
    problems: READ_ONE,
  },
  deleteSchedule: {
    method: 'DELETE',
    path: '/schedules/{name}',
    summary: 'Removes a schedule; what it started goes on.',
    success: { 200: 'It starts nothing any more.' },
    answer: deleteScheduleResponseSchema,
    problems: READ_ONE,
  },
  pauseSchedule: {
    method: 'POST',
    path: '/schedules/{name}/pause',
    summary: 'Lets a schedule start nothing until it is resumed; safe to repeat.',
    success: { 200: 'It is paused.' },
    answer: scheduleSchema,
    problems: READ_ONE,
  },
  resumeSchedule: {
    method: 'POST',
    path: '/schedules/{name}/resume',
    summary:
      'Lets a schedule go on from now: what came while it was paused is not missed; safe to repeat.',
    success: { 200: 'It goes on.' },
    answer: scheduleSchema,
    problems: READ_ONE,
  },
} as const satisfies Record<string, Endpoint>;

export type OperationId = keyof typeof endpoints;
