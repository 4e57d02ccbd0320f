/** The DAG: its schema, its validation with all issues at once, and its graph. */
import * as z from 'zod';
import { InvalidDefinitionError, type Issue } from './errors.js';
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
  /** Without it a task that fails is not tried again. */
  retry: retrySchema.optional(),
  /** What becomes of a task whose worker died; `rerun` without it. */
  onLostWorker: z.enum(['rerun', 'fail']).optional(),
  timeoutSeconds: z.int().min(1).max(LIMITS.taskTimeoutSeconds.max).optional(),
});
export type TaskDefinition = z.infer<typeof taskDefinitionSchema>;

export const definitionSchema = z.strictObject({
  name: idSchema,
  description: z.string().max(1_000).optional(),
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
  const issues = graphIssues(parsed.data);
  if (issues.length > 0) throw new InvalidDefinitionError(issues);
  return parsed.data;
}

/** zod's issues with our JSON paths. */
export function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.map((issue) => ({ path: jsonPath(issue.path), message: issue.message }));
}

function jsonPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number'
        ? `${text}[${key}]`
        : text === ''
          ? String(key)
          : `${text}.${String(key)}`,
    '',
  );
}

function graphIssues(definition: Definition): Issue[] {
  const issues: Issue[] = [];
  const indexOf = new Map<string, number>();
  let edges = 0;
  definition.tasks.forEach((task, index) => {
    const first = indexOf.get(task.id);
    if (first === undefined) indexOf.set(task.id, index);
    else
      issues.push({
        path: `tasks[${index}].id`,
        message: `the id "${task.id}" is taken by tasks[${first}]`,
      });
  });
  definition.tasks.forEach((task, index) => {
    const seen = new Set<string>();
    task.dependsOn?.forEach((upstream, position) => {
      edges += 1;
      const path = `tasks[${index}].dependsOn[${position}]`;
      if (!indexOf.has(upstream)) issues.push({ path, message: `there is no task "${upstream}"` });
      else if (seen.has(upstream))
        issues.push({ path, message: `"${upstream}" stands here twice` });
      seen.add(upstream);
    });
  });
  if (edges > LIMITS.edgesPerWorkflow)
    issues.push({
      path: 'tasks',
      message: `${edges} edges are above the limit of ${LIMITS.edgesPerWorkflow}`,
    });
  const cycle = findCycle(definition);
  if (cycle)
    issues.push({
      path: `tasks[${indexOf.get(cycle[0] as string)}].dependsOn`,
      message: `cycle: ${[...cycle, cycle[0]].join(' -> ')}`,
    });
  return issues;
}

/** The members of one cycle, each depending on the one before it; undefined when there is none. */
function findCycle(definition: Definition): readonly string[] | undefined {
  const upstream = new Map(definition.tasks.map((task) => [task.id, task.dependsOn ?? []]));
  const done = new Set<string>();
  for (const start of upstream.keys()) {
    const path: string[] = [];
    const onPath = new Map<string, number>();
    const stack: { id: string; next: number }[] = [{ id: start, next: 0 }];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1] as { id: string; next: number };
      if (frame.next === 0) {
        if (done.has(frame.id)) {
          stack.pop();
          continue;
        }
        onPath.set(frame.id, path.length);
        path.push(frame.id);
      }
      const into = upstream.get(frame.id)?.[frame.next];
      frame.next += 1;
      if (into === undefined) {
        done.add(frame.id);
        onPath.delete(frame.id);
        path.pop();
        stack.pop();
      } else if (onPath.has(into)) return path.slice(onPath.get(into)).reverse();
      else if (upstream.has(into) && !done.has(into)) stack.push({ id: into, next: 0 });
    }
  }
  return undefined;
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
