/** What is wrong with the expressions of a definition, before anything runs. */
import type { Issue } from '../errors.js';
import type { TaskDefinition } from '../definition.js';
import { placeOf } from '../json-path.js';
import { LIMITS } from '../limits.js';
import type { PlacedTask } from '../task-kinds.js';
import { isMoment } from '../moment.js';
import { codeOf } from './expression-text.js';
import { parseExpressions, type Parsed } from './parse-expressions.js';

interface Found {
  readonly path: string;
  readonly code: string;
}

type Expressive = Pick<
  TaskDefinition,
  'when' | 'input' | 'forEach' | 'label' | 'wait' | 'dependsOn'
>;

/** @param path of the task, such as `tasks[3]`. */
export function expressionIssues(
  task: Expressive,
  path: string,
  dependsOn: readonly string[],
): Issue[] {
  const issues: Issue[] = [];
  const found = findExpressions(task, path, issues);
  return issues.concat(issuesOfFound(found, parsedOf(found), new Set(dependsOn)));
}

/**
 * Of many tasks of a definition: several times as quick as one by one.
 * @param ids of all tasks, which is what a hook sees
 */
export function expressionIssuesOf(
  tasks: readonly (Pick<PlacedTask, 'path'> & { readonly task: Expressive })[],
  ids: ReadonlySet<string>,
): Issue[] {
  const issues: Issue[] = [];
  const found = tasks.map(({ task, path }) => findExpressions(task, path, issues));
  const parsed = parsedOf(found.flat());
  return issues.concat(
    tasks.flatMap(({ task, path }, at) =>
      issuesOfFound(
        found[at] ?? [],
        parsed,
        path.startsWith('tasks[') ? new Set(task.dependsOn) : ids,
      ),
    ),
  );
}

/** What is wrong with a text that has to be an expression and sees no task. */
export function expressionTextIssues(text: string, path: string): Issue[] {
  const issues: Issue[] = [];
  const found: Found[] = [];
  takeExpression(text, path, found, issues);
  return issues.concat(issuesOfFound(found, parsedOf(found), new Set()));
}

const parsedOf = (found: readonly Found[]) => parseExpressions(found.map(({ code }) => code));

function issuesOfFound(
  found: readonly Found[],
  parsed: ReadonlyMap<string, Parsed>,
  upstream: ReadonlySet<string>,
): Issue[] {
  return found.flatMap(({ path, code }) => issuesOfCode(path, parsed.get(code), upstream));
}

function issuesOfCode(
  path: string,
  parsed: Parsed | undefined,
  dependsOn: ReadonlySet<string>,
): Issue[] {
  if (parsed?.kind !== 'parsed')
    return [{ path, message: `is no JSONata expression: ${parsed?.problem}` }];
  return [...parsed.tasks]
    .filter((id) => !dependsOn.has(id))
    .map((id) => ({ path, message: `uses the output of "${id}", which is not in dependsOn` }));
}

/** Those worth parsing; what is wrong with others is added to `issues`. */
function findExpressions(task: Expressive, path: string, issues: Issue[]): Found[] {
  const found: Found[] = [];
  const { when, label, wait, forEach, input } = task;
  if (when !== undefined) takeExpression(when, placeOf(path, 'when'), found, issues);
  if (label !== undefined) takeExpression(label, placeOf(path, 'label'), found, issues);
  if (wait && 'until' in wait && !isMoment(wait.until))
    takeExpression(wait.until, placeOf(path, 'wait.until'), found, issues, MOMENT);
  if (typeof forEach === 'string')
    takeExpression(forEach, placeOf(path, 'forEach'), found, issues, LIST);
  const visit = (place: string, value: string | typeof TOO_DEEP) => {
    if (value === TOO_DEEP)
      issues.push({ path: place, message: `is nested more than ${LIMITS.jsonDepth} levels deep` });
    else if (codeOf(value) !== undefined) takeExpression(value, place, found, issues);
  };
  walk(input, placeOf(path, 'input'), 0, visit);
  if (Array.isArray(forEach)) walk(forEach, placeOf(path, 'forEach'), 0, visit);
  return found;
}

const EXPRESSION = 'an expression {% ... %}';
const LIST = `a list, or ${EXPRESSION} that gives one`;
const MOMENT = `a moment such as 2030-01-31T12:00:00Z, or ${EXPRESSION} that gives one`;

function takeExpression(
  text: string,
  path: string,
  found: Found[],
  issues: Issue[],
  expected = EXPRESSION,
): void {
  const code = codeOf(text);
  if (code === undefined) issues.push({ path, message: `must be ${expected}` });
  else if (code.length > LIMITS.expression.length) issues.push({ path, message: tooLong(code) });
  else found.push({ path, code });
}

const tooLong = (code: string) =>
  `has ${code.length} characters, and an expression at most ${LIMITS.expression.length}`;

const TOO_DEEP = Symbol('too deep');

/** Visits every text, with its place, and every value that is nested too deeply to be looked into. */
function walk(
  value: unknown,
  place: string,
  depth: number,
  visit: { (place: string, value: string | typeof TOO_DEEP): void },
): void {
  if (typeof value === 'string') visit(place, value);
  else if (typeof value === 'object' && value !== null) {
    if (depth >= LIMITS.jsonDepth) visit(place, TOO_DEEP);
    else if (Array.isArray(value))
      value.forEach((each, index) => walk(each, placeOf(place, index), depth + 1, visit));
    else
      for (const [key, each] of Object.entries(value))
        walk(each, placeOf(place, key), depth + 1, visit);
  }
}
