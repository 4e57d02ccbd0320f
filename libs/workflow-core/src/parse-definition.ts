/** A definition as its author wrote it, checked with all issues at once; without what needs libraries too heavy for a browser. */
import { definitionSchema, issuesOf, type Definition } from './definition.js';
import { InvalidDefinitionError } from './errors.js';
import { graphIssues } from './graph-issues.js';
import { placedTasks, taskKindIssues } from './task-kinds.js';

/** @throws InvalidDefinitionError with every issue. */
export function parseDefinition(document: unknown): Definition {
  const parsed = definitionSchema.safeParse(document);
  if (!parsed.success) throw new InvalidDefinitionError(issuesOf(parsed.error));
  const placed = placedTasks(parsed.data);
  const issues = [...graphIssues(placed), ...taskKindIssues(placed, parsed.data.timeoutSeconds)];
  if (issues.length > 0) throw new InvalidDefinitionError(issues);
  return parsed.data;
}
