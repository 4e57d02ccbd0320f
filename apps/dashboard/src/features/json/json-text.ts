/** JSON as text for people, cut where a browser would choke, split into parts that can be coloured. */

/** Characters shown before the rest is left to the clipboard. */
export const SHOWN_CHARACTERS = 20_000;

/** The longest list that stays on one line. */
const LINE_CHARACTERS = 60;

export interface JsonText {
  readonly whole: string;
  readonly shown: string;
  /** Characters left out of `shown`. */
  readonly hidden: number;
}

export function jsonText(value: unknown): JsonText {
  const whole = format(value, '');
  const shown = whole.slice(0, SHOWN_CHARACTERS);
  return { whole, shown, hidden: whole.length - shown.length };
}

/** Two spaces a level; a short list of plain values stays on its line. JSON came in, so JSON comes out. */
function format(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const entries = Array.isArray(value)
    ? value.map((item: unknown) => format(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${format(item, inner)}`);
  const line = `${open}${entries.join(', ')}${close}`;
  const short = Array.isArray(value) && value.every(isPlain) && line.length <= LINE_CHARACTERS;
  if (short || entries.length === 0) return line;
  return `${open}\n${inner}${entries.join(`,\n${inner}`)}\n${indent}${close}`;
}

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;

type JsonPartKind = 'key' | 'string' | 'literal' | 'punctuation';
export interface JsonPart {
  readonly kind: JsonPartKind;
  readonly text: string;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(true|false|null|-?\d[\d.eE+-]*)/g;

/** The parts joined are `text` again, whatever it holds. */
export function jsonParts(text: string): JsonPart[] {
  const parts: JsonPart[] = [];
  let end = 0;
  const push = (kind: JsonPartKind, part: string) => part && parts.push({ kind, text: part });
  for (const match of text.matchAll(TOKEN)) {
    const [whole, quoted, colon = '', literal] = match;
    push('punctuation', text.slice(end, match.index));
    if (quoted !== undefined) push(colon ? 'key' : 'string', quoted);
    push('punctuation', colon);
    if (literal !== undefined) push('literal', literal);
    end = match.index + whole.length;
  }
  push('punctuation', text.slice(end));
  return parts;
}
