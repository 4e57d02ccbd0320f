/**
 * Everything that can be known to be wrong with a definition before it runs, all at once, each with its path. A task that does
 * not read keeps no other from being looked at.
 */
import * as z from 'zod';
import {
  buildGraph,
  definitionSchema,
  issuesOf,
  taskDefinitionSchema,
  topologicalOrder,
  type Definition,
} from '../definition.js';
import type { Issue } from '../errors.js';
import { graphIssues, type PlacedTask } from '../graph-issues.js';
import { unreachableTasks } from '../reachability.js';
import { expressionIssuesOf } from './expression-issues.js';
import { inputSchemaIssues } from './input-schema.js';

export interface ValidationOptions {
  /** The names of the registered task functions; without it any name will do. */
  readonly functions?: ReadonlySet<string>;
}

export type Validated =
  { readonly definition: Definition } | { readonly issues: readonly [Issue, ...Issue[]] };

/** @param document JSON; nested no deeper than `LIMITS.jsonDepth` */
export function validateDefinition(document: unknown, options: ValidationOptions = {}): Validated {
  const parsed = definitionSchema.safeParse(document);
  const issues = parsed.success ? [] : issuesOf(parsed.error);
  const tasks = parsed.success ? parsed.data.tasks.map(placed) : readableTasks(document);
  const otherIds = parsed.success ? new Set<string>() : idsOf(document);
  const wrongEdges = graphIssues(tasks, otherIds);
  issues.push(
    ...wrongEdges,
    ...tasks.flatMap((each) => functionIssues(each, options)),
    ...expressionIssuesOf(tasks),
    ...schemaIssues(document),
  );
  if (parsed.success && wrongEdges.length === 0) issues.push(...reachabilityIssues(parsed.data));
  const [first, ...others] = issues;
  if (first) return { issues: [first, ...others] };
  return { definition: parsed.data as Definition };
}

type ReadableTask = PlacedTask & { readonly task: Definition['tasks'][number] };

const placed = (task: Definition['tasks'][number], index: number): ReadableTask => ({
  task,
  index,
});

const tasksOf = (document: unknown): readonly unknown[] => {
  const tasks = field(document, 'tasks');
  return Array.isArray(tasks) ? tasks : [];
};

const field = (document: unknown, name: string): unknown =>
  typeof document === 'object' && document !== null && Object.hasOwn(document, name)
    ? (document as Record<string, unknown>)[name]
    : undefined;

/** What it has besides known fields keeps a task from nothing but being stored. */
const knownFields = z.object(taskDefinitionSchema.shape);

const readableTasks = (document: unknown): readonly ReadableTask[] =>
  tasksOf(document).flatMap((value, index) => {
    const parsed = knownFields.safeParse(value);
    return parsed.success ? [placed(parsed.data, index)] : [];
  });

const idsOf = (document: unknown): ReadonlySet<string> =>
  new Set(
    tasksOf(document).flatMap((task) => {
      const id = field(task, 'id');
      return typeof id === 'string' ? [id] : [];
    }),
  );

function functionIssues({ task, index }: ReadableTask, { functions }: ValidationOptions): Issue[] {
  if (!functions || functions.has(task.function)) return [];
  const message = `no task function is registered as "${task.function}"; there is ${listed(functions)}`;
  return [{ path: `tasks[${index}].function`, message }];
}

function schemaIssues(document: unknown): readonly Issue[] {
  const schema = field(document, 'inputSchema');
  return typeof schema === 'object' && schema !== null ? inputSchemaIssues(schema) : [];
}

function reachabilityIssues(definition: Definition): Issue[] {
  const graph = buildGraph(definition);
  const placeOf = new Map(definition.tasks.map(({ id }, index) => [id, index]));
  return unreachableTasks(graph, topologicalOrder(graph)).map(({ taskId, below }) => {
    const path = `tasks[${placeOf.get(taskId)}]`;
    const rule = graph.tasks.get(taskId)?.triggerRule ?? 'all_success';
    return below === undefined
      ? {
          path: `${path}.triggerRule`,
          message: `the rule ${rule} can never hold, however the tasks it depends on end`,
        }
      : {
          path: `${path}.dependsOn`,
          message: `unreachable: it can never run, because "${below}" never does`,
        };
  });
}

const SHOWN = 10;

function listed(names: ReadonlySet<string>): string {
  const all = [...names];
  const more = all.length - SHOWN;
  return `${all.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
