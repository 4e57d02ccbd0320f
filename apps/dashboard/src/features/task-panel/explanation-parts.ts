/** The sentence of an explanation in pieces, so that tasks become links and times local. Pure. */

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'task'; readonly taskId: string }
  | { readonly kind: 'time'; readonly iso: string };

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

/** @param taskIds those the sentence may name; a word that only contains one is left alone */
export function explanationParts(text: string, taskIds: readonly string[]): Part[] {
  const names = taskIds.toSorted((a, b) => b.length - a.length).map(escape);
  const known = names.length > 0 ? String.raw`|(?<![\w.-])(?:${names.join('|')})(?!\w|[.-]\w)` : '';
  return text
    .split(new RegExp(`(${TIME}${known})`))
    .map((piece, index): Part => {
      if (index % 2 === 0) return { kind: 'text', text: piece };
      return taskIds.includes(piece)
        ? { kind: 'task', taskId: piece }
        : { kind: 'time', iso: piece };
    })
    .filter((part) => part.kind !== 'text' || part.text !== '');
}

const escape = (id: string): string => id.replace(/[^\w]/g, String.raw`\$&`);
