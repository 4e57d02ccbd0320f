/** Definitions written as JSON or YAML: the document, and which line of the text speaks of what. */
import { isMap, isNode, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

export interface PlacedIssue {
  /** Such as `tasks[3].dependsOn[0]`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  /** 1-based; of files that have lines. */
  readonly line?: number;
}

export type ParsedText =
  | {
      readonly kind: 'document';
      readonly document: unknown;
      /** The line of what stands at a path, or of the nearest thing around it. */
      readonly lineOf: (path: string) => number;
    }
  | { readonly kind: 'issues'; readonly issues: readonly PlacedIssue[] };

/** A key that stands twice is an issue in both; YAML is 1.2, with JSON's types only. */
export function parseText(text: string, language: 'json' | 'yaml'): ParsedText {
  const broken = language === 'json' ? jsonIssue(text) : undefined;
  if (broken !== undefined) return { kind: 'issues', issues: [broken] };
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  // A tag that is not known is only warned of, and its value is not what its author meant.
  const issues = [...parsed.errors, ...parsed.warnings].map(({ message, pos: [offset] }) => ({
    path: '',
    message,
    line: lineAt(offset),
  }));
  if (issues.length > 0) return { kind: 'issues', issues };
  return documentOf(parsed, lineAt);
}

function documentOf(parsed: Document, lineAt: (offset: number) => number): ParsedText {
  try {
    const document: unknown = parsed.toJS();
    return { kind: 'document', document, lineOf: (path) => lineAt(offsetOf(parsed, path)) };
  } catch (error) {
    // Aliases that multiply without end.
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'issues', issues: [{ path: '', message }] };
  }
}

/** YAML reads more than JSON is. */
function jsonIssue(text: string): PlacedIssue | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    const offset = /at position (\d+)/.exec(message)?.[1];
    const line = offset === undefined ? lastLine(text) : lastLine(text.slice(0, Number(offset)));
    return { path: '', message, line };
  }
}

const lastLine = (text: string) => text.split('\n').length;

/** Follows the path as far as the document goes. A field stands where its name stands. */
function offsetOf(parsed: Document, path: string): number {
  let step: Step = { node: parsed.contents, offset: startOf(parsed.contents), rest: path };
  for (let next: Step | undefined = step; next !== undefined; next = stepFrom(step)) step = next;
  return step.offset;
}

const stepFrom = ({ node, rest }: Step): Step | undefined =>
  isSeq(node) ? elementAt(node.items, rest) : fieldAt(node, rest);

interface Step {
  readonly node: unknown;
  readonly offset: number;
  /** Of the path, from here on. */
  readonly rest: string;
}

function elementAt(items: readonly unknown[], path: string): Step | undefined {
  const [whole, index] = /^\[(\d+)\]/.exec(path) ?? [];
  if (whole === undefined || items[Number(index)] === undefined) return undefined;
  const node = items[Number(index)];
  return { node, offset: startOf(node), rest: path.slice(whole.length) };
}

/** A key may hold dots itself: the longest one that fits is meant. */
function fieldAt(node: unknown, path: string): Step | undefined {
  if (!isMap(node)) return undefined;
  const wanted = path.replace(/^\./, '');
  const fits = (key: string) =>
    wanted.startsWith(key) && /^($|\.|\[)/.test(wanted.slice(key.length));
  const [longest] = node.items
    .map((pair) => ({ pair, key: String(isNode(pair.key) ? pair.key.toJSON() : pair.key) }))
    .filter(({ key }) => key !== '' && fits(key))
    .sort((a, b) => b.key.length - a.key.length);
  if (longest === undefined) return undefined;
  return {
    node: longest.pair.value,
    offset: startOf(longest.pair.key),
    rest: wanted.slice(longest.key.length),
  };
}

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);
