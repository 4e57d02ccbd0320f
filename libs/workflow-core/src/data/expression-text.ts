/** Which texts of a task's `when` and `input` are expressions. */

/** Step Functions' rule: the whole text, never a part of it. */
export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && codeOf(value) !== undefined;
}

/** The JSONata between `{%` and `%}`; undefined when the text is no expression. */
export function codeOf(text: string): string | undefined {
  const trimmed = text.trim();
  const delimited = trimmed.length >= 4 && trimmed.startsWith('{%') && trimmed.endsWith('%}');
  return delimited ? trimmed.slice(2, -2) : undefined;
}

/** Without recursion: nothing has bounded how deep a template nests. */
export function hasExpressions(value: unknown): boolean {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const each = open.pop();
    if (isExpression(each)) return true;
    if (typeof each === 'object' && each !== null)
      for (const child of Object.values(each)) open.push(child);
  }
  return false;
}
