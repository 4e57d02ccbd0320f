/** The DAG: its schema and its graph. */
import * as z from 'zod';
import type { Issue } from './errors.js';
import { idSchema } from './ids.js';
import { jsonPath } from './json-path.js';
import { LIMITS } from './limits.js';
import { parseItemId } from './map-items.js';
import { TRIGGER_RULES } from './trigger-rules.js';

const { retry: most } = LIMITS;
const errorTypesSchema = z.array(z.string().min(1).max(200)).max(most.errorTypes);

/** Step Functions' names and meaning; what is not given has its default there. */
export const retrySchema = z.strictObject({
  /** Tries after the first. */
  maxAttempts: z.int().min(0).max(most.maxAttempts).default(3),
  /** Before the first of them. */
  intervalSeconds: z.number().min(0).max(most.intervalSeconds).default(1),
  /** By which each further delay is longer than the one before. */
  backoffRate: z.number().min(1).max(most.backoffRate).default(2),
  maxDelaySeconds: z.number().min(0).max(most.maxDelaySeconds).optional(),
  /** FULL: anything between nothing and the delay. */
  jitter: z.enum(['NONE', 'FULL']).default('NONE'),
  /** Types of errors; `*`: all but those that would only come again (`PERMANENT_ERRORS`). */
  retryOn: errorTypesSchema.default(['*']),
  /** Counts before `retryOn`. */
  doNotRetryOn: errorTypesSchema.default([]),
});
export type Retry = z.infer<typeof retrySchema>;

/** Until when a task waits: for so long, or until a moment (ISO 8601, or an expression that gives one). */
const waitSchema = z.union([
  z.strictObject({ seconds: z.int().min(1).max(LIMITS.waitSeconds) }),
  z.strictObject({ until: z.string().min(1) }),
]);

const callbackSchema = z.strictObject({
  /** Without an answer until then the task fails; a heartbeat begins it anew. */
  timeoutSeconds: z.int().min(1).max(LIMITS.waitSeconds),
  /** A JSON Schema (2020-12) that the output of an answer has to meet. */
  schema: z.record(z.string(), z.json()).optional(),
});

const childSchema = z.strictObject({
  name: idSchema,
  /** The newest one when the task starts, without it. */
  revision: z.int().min(1).optional(),
});

const toleratedFailuresSchema = z.strictObject({
  count: z.int().min(0).max(LIMITS.itemsPerMap).optional(),
  percent: z.number().min(0).max(100).optional(),
});

/** What a task does is one of `function`, `wait`, `callback` and `workflow`: see `task-kinds.ts`. */
export const taskDefinitionSchema = z.strictObject({
  id: idSchema,
  /** The logical name of a registered task function. */
  function: idSchema.optional(),
  /** Nothing runs while it waits. */
  wait: waitSchema.optional(),
  /** Waits for an answer to `POST /callbacks/{token}`. */
  callback: callbackSchema.optional(),
  /** Runs a workflow of another definition; its output is this task's. */
  workflow: childSchema.optional(),
  dependsOn: z.array(idSchema).optional(),
  triggerRule: z.enum(TRIGGER_RULES).optional(),
  /** An expression such as `{% tasks.A.output.total > 0 %}`: when it gives false the task is skipped, not run. */
  when: z.string().optional(),
  /** What the function receives as its input: JSON in which a text `{% ... %}` is an expression. The workflow's input without it. */
  input: z.json().optional(),
  /** Without it a task that fails is not tried again. */
  retry: retrySchema.optional(),
  /** What becomes of a task whose worker died; `rerun` without it. */
  onLostWorker: z.enum(['rerun', 'fail']).optional(),
  timeoutSeconds: z.int().min(1).max(LIMITS.taskTimeoutSeconds.max).optional(),
  /** A failure counts as a success for the tasks that depend on this one, and for the workflow. */
  continueOnFailure: z.boolean().optional(),
  /** The task runs once for each item of this list: an expression that gives one, or the list. */
  forEach: z.union([z.string(), z.array(z.json()).max(LIMITS.itemsPerMap)]).optional(),
  /** How many items run at once; all of them without it. */
  maxConcurrency: z.int().min(1).max(LIMITS.itemsPerMap).optional(),
  /** Of its items, until the task itself fails; none without it. The larger of the two counts. */
  toleratedFailures: toleratedFailuresSchema.optional(),
  /** What an item is called, such as `{% item.name %}`. */
  label: z.string().min(1).optional(),
});
export type TaskDefinition = z.infer<typeof taskDefinitionSchema>;

/** What runs once all other tasks have ended: see `Graph.hooks`. */
export const hookSchema = taskDefinitionSchema.pick({
  id: true,
  function: true,
  workflow: true,
  input: true,
  retry: true,
  onLostWorker: true,
  timeoutSeconds: true,
});
export const HOOKS = ['onSuccess', 'onFailure', 'finally'] as const;
export type Hook = (typeof HOOKS)[number];
const hooksSchema = z.array(hookSchema).min(1).max(LIMITS.hooks).optional();

const concurrencySchema = z.strictObject({
  /** So many workflows of the definition run at once, for each key; others are PENDING, in the order they came. */
  limit: z
    .int()
    .min(1, 'must be at least 1: with a limit of 0 nothing would ever run')
    .max(LIMITS.concurrency),
  /** An expression over `input` such as `{% input.customer %}`, which gives a text or a number. */
  key: z.string().min(1).optional(),
});

export const definitionSchema = z.strictObject({
  name: idSchema,
  description: z.string().max(1_000).optional(),
  /** A JSON Schema (2020-12) that the input of a workflow has to meet. */
  inputSchema: z.record(z.string(), z.json()).optional(),
  /** Once a task has failed nothing more is started; what runs may end. */
  failFast: z.boolean().optional(),
  timeoutSeconds: z.int().min(1).max(LIMITS.workflowTimeoutSeconds.max).optional(),
  concurrency: concurrencySchema.optional(),
  /** Run once all tasks have ended and none has failed. */
  onSuccess: hooksSchema,
  /** Run once all tasks have ended and one has failed. */
  onFailure: hooksSchema,
  /** Run after those, however the tasks ended. */
  finally: hooksSchema,
  tasks: z.array(taskDefinitionSchema).min(1).max(LIMITS.tasksPerWorkflow),
});
export type Definition = z.infer<typeof definitionSchema>;

/** A definition that passed `parseDefinition`, ready to be asked. */
export interface Graph {
  readonly definition: Definition;
  /** Those of `tasks` and the hooks. */
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  /** Hooks, each with when it runs. They have no edges: they follow from the end of all other tasks (planner, P6). */
  readonly hooks: ReadonlyMap<string, Hook>;
  /** Whether any of them runs over items. */
  readonly hasMaps: boolean;
  /** Of every task but the hooks. */
  readonly upstream: ReadonlyMap<string, readonly string[]>;
  readonly downstream: ReadonlyMap<string, readonly string[]>;
  /** Tasks that wait for nothing. */
  readonly roots: readonly string[];
  /**
   * Tasks no dependent of which waits for all its upstream to succeed. Once these have run to their end all tasks have,
   * and a failure anywhere shows in one of them: in an epoch that runs every task they alone tell the end, unless one
   * was skipped, since skips are not written in their order.
   */
  readonly ends: readonly string[];
}

/** zod's issues with our JSON paths; each unknown field has an issue of its own. */
export function issuesOf(error: z.ZodError, unknownField = 'is not a known field'): Issue[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: jsonPath([...issue.path, key]),
          message: unknownField,
        }))
      : [{ path: jsonPath(issue.path), message: issue.message }],
  );
}

export function buildGraph(definition: Definition): Graph {
  const upstream = new Map<string, readonly string[]>();
  const downstream = new Map<string, string[]>(definition.tasks.map((task) => [task.id, []]));
  for (const task of definition.tasks) {
    upstream.set(task.id, task.dependsOn ?? []);
    for (const id of task.dependsOn ?? []) downstream.get(id)?.push(task.id);
  }
  const hookTasks = HOOKS.flatMap((hook) =>
    (definition[hook] ?? []).map((task) => ({ hook, task })),
  );
  const tasks = new Map<string, TaskDefinition>(definition.tasks.map((task) => [task.id, task]));
  const ruleOf = (id: string) => tasks.get(id)?.triggerRule ?? 'all_success';
  const ids = [...tasks.keys()];
  for (const { task } of hookTasks) tasks.set(task.id, task);
  return {
    definition,
    tasks,
    hasMaps: definition.tasks.some(({ forEach }) => forEach !== undefined),
    hooks: new Map(hookTasks.map(({ hook, task }) => [task.id, hook])),
    upstream,
    downstream,
    roots: ids.filter((id) => ruleOf(id) === 'always' || upstream.get(id)?.length === 0),
    ends: ids.filter((id) => !downstream.get(id)?.some((down) => ruleOf(down) === 'all_success')),
  };
}

/** What a task does: an item does what its map says. Undefined: there is no such task. */
export function taskOf(graph: Graph, id: string): TaskDefinition | undefined {
  const item = parseItemId(id);
  if (!item) return graph.tasks.get(id);
  const map = graph.tasks.get(item.taskId);
  return map?.forEach === undefined ? undefined : map;
}

/** Its tasks, each after those it depends on; what is in a cycle, or depends on one, is left out. */
export function topologicalOrder({ upstream, downstream }: Graph): readonly string[] {
  const open = new Map([...upstream].map(([id, edges]) => [id, edges.length]));
  const order = [...open].flatMap(([id, count]) => (count === 0 ? [id] : []));
  for (const id of order)
    for (const down of downstream.get(id) ?? []) {
      const left = (open.get(down) ?? 0) - 1;
      open.set(down, left);
      if (left === 0) order.push(down);
    }
  return order;
}
