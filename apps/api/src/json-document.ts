/** What a JSON text can hold that we cannot keep. Works without recursion: the text comes from anybody. */
import { LIMITS, jsonPath, type Issue } from '@orchestra/workflow-core';

interface Node {
  readonly value: unknown;
  /** Where it stands in `parent`; the document itself stands nowhere. */
  readonly key: string | number;
  readonly parent: Node | undefined;
  /** 1 for the document itself. */
  readonly depth: number;
}

/** Every issue of the document; nothing inside a value that has one is looked at. */
export function documentIssues(document: unknown): Issue[] {
  const issues: Issue[] = [];
  const open: Node[] = [{ value: document, key: '', parent: undefined, depth: 1 }];
  for (let node = open.pop(); node; node = open.pop()) {
    const message = problemWith(node);
    if (message !== undefined) issues.push({ path: pathOf(node), message });
    else addChildren(node, open);
  }
  return issues;
}

function problemWith({ value, key, depth }: Node): string | undefined {
  if (isNested(value) && depth > LIMITS.jsonDepth)
    return `is nested more than ${LIMITS.jsonDepth} levels deep`;
  // JSON.parse reads 1e999 as Infinity, and JSON has no way to write that.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'is a number out of range';
  if (key === '__proto__') return 'cannot be kept under this name';
  return undefined;
}

/** Last first, so that they are taken from the end in the order of the document. */
function addChildren(parent: Node, open: Node[]): void {
  if (!isNested(parent.value)) return;
  const depth = parent.depth + 1;
  const entries: [string | number, unknown][] = Array.isArray(parent.value)
    ? parent.value.map((value, index) => [index, value])
    : Object.entries(parent.value);
  for (const [key, value] of entries.reverse()) open.push({ value, key, parent, depth });
}

function pathOf(node: Node): string {
  const keys: (string | number)[] = [];
  for (let at = node; at.parent; at = at.parent) keys.unshift(at.key);
  return jsonPath(keys);
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
