/** What is wrong with the expressions of a definition, before anything runs. */
import type { Issue } from '../errors.js';
import { placeOf } from '../json-path.js';
import { LIMITS } from '../limits.js';
import { codeOf } from './expression-text.js';
import type { Template } from './evaluate-template.js';
import { parseExpressions, type Parsed } from './parse-expressions.js';

interface PlacedTask {
  readonly task: Template & { readonly dependsOn?: readonly string[] };
  /** In the definition's `tasks`. */
  readonly index: number;
}

interface Found {
  readonly path: string;
  readonly code: string;
}

/** @param path of the task, such as `tasks[3]`. */
export function expressionIssues(
  task: Template,
  path: string,
  dependsOn: readonly string[],
): Issue[] {
  const issues: Issue[] = [];
  const found = findExpressions(task, path, issues);
  return issues.concat(issuesOfFound(found, parsedOf(found), dependsOn));
}

/** Of many tasks of a definition: several times as quick as one by one. */
export function expressionIssuesOf(tasks: readonly PlacedTask[]): Issue[] {
  const issues: Issue[] = [];
  const found = tasks.map(({ task, index }) => findExpressions(task, `tasks[${index}]`, issues));
  const parsed = parsedOf(found.flat());
  return issues.concat(
    tasks.flatMap(({ task }, at) => issuesOfFound(found[at] ?? [], parsed, task.dependsOn ?? [])),
  );
}

const parsedOf = (found: readonly Found[]) => parseExpressions(found.map(({ code }) => code));

function issuesOfFound(
  found: readonly Found[],
  parsed: ReadonlyMap<string, Parsed>,
  dependsOn: readonly string[],
): Issue[] {
  const upstream = new Set(dependsOn);
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
function findExpressions({ when, input }: Template, path: string, issues: Issue[]): Found[] {
  const found: Found[] = [];
  const take = (place: string, code: string) => {
    if (code.length <= LIMITS.expression.length) found.push({ path: place, code });
    else issues.push({ path: place, message: tooLong(code) });
  };
  if (when !== undefined) {
    const code = codeOf(when);
    const place = placeOf(path, 'when');
    if (code === undefined)
      issues.push({ path: place, message: 'must be an expression {% ... %}' });
    else take(place, code);
  }
  walk(input, placeOf(path, 'input'), 0, (place, value) => {
    if (value === TOO_DEEP)
      issues.push({ path: place, message: `is nested more than ${LIMITS.jsonDepth} levels deep` });
    else {
      const code = codeOf(value);
      if (code !== undefined) take(place, code);
    }
  });
  return found;
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
