/** A table that reads the same on a terminal and in the docs: Markdown, its columns filled up to one width. */
export interface Column<Row> {
  readonly title: string;
  /** Undefined: it has none. */
  readonly of: (row: Row) => string | number | undefined;
}

export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map(({ of }) => of(row)));
  const isNumber = columns.map((_, at) => cells.every((line) => typeof line[at] !== 'string'));
  const texts = cells.map((line) => line.map((cell) => cell?.toLocaleString('en-US') ?? '-'));
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, at) =>
    Math.max(3, title.length, ...texts.map((line) => (line[at] ?? '').length)),
  );
  const filled = (line: readonly string[]) =>
    line.map((cell, at) =>
      isNumber[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
    );
  const rule = widths.map((width, at) =>
    isNumber[at] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [filled(titles), rule, ...texts.map(filled)]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}

/** So many digits after the point, no more zeros than needed. */
export const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
