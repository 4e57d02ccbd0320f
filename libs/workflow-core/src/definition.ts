/** The DAG: its schema, its validation with all issues at once, and its graph. */
import * as z from 'zod';
import { InvalidDefinitionError, type Issue } from './errors.js';
import { graphIssues } from './graph-issues.js';
import { jsonPath } from './json-path.js';
import { LIMITS } from './limits.js';
import { idSchema } from './messages.js';
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

export const taskDefinitionSchema = z.strictObject({
  id: idSchema,
  /** The logical name of a registered task function. */
  function: idSchema,
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
});
export type TaskDefinition = z.infer<typeof taskDefinitionSchema>;

export const definitionSchema = z.strictObject({
  name: idSchema,
  description: z.string().max(1_000).optional(),
  /** A JSON Schema (2020-12) that the input of a workflow has to meet. */
  inputSchema: z.record(z.string(), z.json()).optional(),
  /** Once a task has failed nothing more is started; what runs may end. */
  failFast: z.boolean().optional(),
  timeoutSeconds: z.int().min(1).max(LIMITS.workflowTimeoutSeconds.max).optional(),
  tasks: z.array(taskDefinitionSchema).min(1).max(LIMITS.tasksPerWorkflow),
});
export type Definition = z.infer<typeof definitionSchema>;

/** A definition that passed `parseDefinition`, ready to be asked. */
export interface Graph {
  readonly definition: Definition;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
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

/** @throws InvalidDefinitionError with every issue. */
export function parseDefinition(document: unknown): Definition {
  const parsed = definitionSchema.safeParse(document);
  if (!parsed.success) throw new InvalidDefinitionError(issuesOf(parsed.error));
  const issues = graphIssues(parsed.data.tasks.map((task, index) => ({ task, index })));
  if (issues.length > 0) throw new InvalidDefinitionError(issues);
  return parsed.data;
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
  const tasks = new Map(definition.tasks.map((task) => [task.id, task]));
  const ruleOf = (id: string) => tasks.get(id)?.triggerRule ?? 'all_success';
  const ids = [...tasks.keys()];
  return {
    definition,
    tasks,
    upstream,
    downstream,
    roots: ids.filter((id) => ruleOf(id) === 'always' || upstream.get(id)?.length === 0),
    ends: ids.filter((id) => !downstream.get(id)?.some((down) => ruleOf(down) === 'all_success')),
  };
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
