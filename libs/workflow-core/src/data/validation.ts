/**
 * Everything that can be known to be wrong with a definition before it runs, all at once, each with its path. A task that does
 * not read keeps no other from being looked at.
 */
import * as z from 'zod';
import {
  HOOKS,
  buildGraph,
  definitionSchema,
  issuesOf,
  taskDefinitionSchema,
  topologicalOrder,
  type Definition,
} from '../definition.js';
import type { Issue } from '../errors.js';
import { graphIssues } from '../graph-issues.js';
import { unreachableTasks } from '../reachability.js';
import { placedTasks, taskKindIssues, type PlacedTask } from '../task-kinds.js';
import { expressionIssuesOf, expressionTextIssues } from './expression-issues.js';
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
  const tasks = parsed.success ? placedTasks(parsed.data) : readableTasks(document);
  const otherIds = parsed.success ? new Set<string>() : idsOf(document);
  const wrongEdges = graphIssues(tasks, otherIds);
  issues.push(
    ...wrongEdges,
    ...taskKindIssues(tasks, timeoutOf(document)),
    ...tasks.flatMap((each) => functionIssues(each, options)),
    ...expressionIssuesOf(tasks, idsOf(document)),
    ...keyIssues(document),
    ...schemaIssues(document),
    ...tasks.flatMap(answerSchemaIssues),
  );
  if (parsed.success && wrongEdges.length === 0) issues.push(...reachabilityIssues(parsed.data));
  const [first, ...others] = issues;
  if (first) return { issues: [first, ...others] };
  return { definition: parsed.data as Definition };
}

const listOf = (document: unknown, name: string): readonly unknown[] => {
  const list = field(document, name);
  return Array.isArray(list) ? list : [];
};

const timeoutOf = (document: unknown): number | undefined => {
  const timeout = field(document, 'timeoutSeconds');
  return typeof timeout === 'number' ? timeout : undefined;
};

const field = (document: unknown, name: string): unknown =>
  typeof document === 'object' && document !== null && Object.hasOwn(document, name)
    ? (document as Record<string, unknown>)[name]
    : undefined;

/** What it has besides known fields keeps a task from nothing but being stored. */
const knownFields = z.object(taskDefinitionSchema.shape);

const readableTasks = (document: unknown): readonly PlacedTask[] =>
  ['tasks', ...HOOKS].flatMap((name) =>
    listOf(document, name).flatMap((value, index) => {
      const parsed = knownFields.safeParse(value);
      return parsed.success ? [{ path: `${name}[${index}]`, task: parsed.data }] : [];
    }),
  );

const idsOf = (document: unknown): ReadonlySet<string> =>
  new Set(
    listOf(document, 'tasks').flatMap((task) => {
      const id = field(task, 'id');
      return typeof id === 'string' ? [id] : [];
    }),
  );

function functionIssues({ task, path }: PlacedTask, { functions }: ValidationOptions): Issue[] {
  if (task.function === undefined || !functions || functions.has(task.function)) return [];
  const message = `no task function is registered as "${task.function}"; there is ${listed(functions)}`;
  return [{ path: `${path}.function`, message }];
}

/** Of a definition's `concurrency`. */
function keyIssues(document: unknown): Issue[] {
  const key = field(field(document, 'concurrency'), 'key');
  return typeof key === 'string' ? expressionTextIssues(key, 'concurrency.key') : [];
}

const answerSchemaIssues = ({ task: { callback }, path }: PlacedTask): readonly Issue[] =>
  callback?.schema
    ? inputSchemaIssues(callback.schema).map((issue) => ({
        ...issue,
        path: issue.path.replace(/^inputSchema/, `${path}.callback.schema`),
      }))
    : [];

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
