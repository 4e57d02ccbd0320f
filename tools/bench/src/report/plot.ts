/** Lines over a logarithmic axis of sizes, side by side, as an SVG that reads on a light and on a dark page. */
export interface Line {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const WIDTH = 380;
const HEIGHT = 260;
const MARGIN = { left: 48, right: 24, top: 40, bottom: 64 } as const;
const COLOURS = ['#3b82f6', '#d97706', '#10a37f'] as const;
const DASHES = ['', '6 3', '2 3'] as const;
/** Of the grid: enough to read a value off. */
const STEPS = 4;

/** @param panels with the same lines in the same order: the legend is that of the first */
export function plot(panels: readonly Panel[], xTitle: string): string {
  const drawn = panels.map(
    (panel, at) => `<g transform="translate(${at * WIDTH} 0)">${panelOf(panel, xTitle)}</g>`,
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panels.length * WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="11">`,
    `<style>text { fill: #334155 } .grid { stroke: #cbd5e1 } @media (prefers-color-scheme: dark) { text { fill: #cbd5e1 } .grid { stroke: #475569 } }</style>`,
    ...drawn,
    `</svg>`,
  ].join('\n')}\n`;
}

function panelOf({ title, lines }: Panel, xTitle: string): string {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort(
    (a, b) => a - b,
  );
  const top = niceTop(Math.max(...lines.flatMap(({ points }) => points.map(({ y }) => y))));
  const scale = scaleOf(xs, top);
  const steps = Array.from({ length: STEPS + 1 }, (_, n) => (top * n) / STEPS);
  return [
    text(MARGIN.left, 18, title, 'font-size="13" font-weight="600"'),
    ...steps.map((y) => gridLine(scale.y(y), String(Number(y.toPrecision(3))))),
    ...labelled(xs, scale).map((x) =>
      text(
        scale.x(x),
        HEIGHT - MARGIN.bottom + 16,
        x.toLocaleString('en-US'),
        'text-anchor="middle"',
      ),
    ),
    text(WIDTH - MARGIN.right, HEIGHT - MARGIN.bottom + 32, xTitle, 'text-anchor="end"'),
    ...lines.map((line, at) => lineOf(line, at, scale)),
    ...lines.map(({ name }, at) => legend(name, at)),
  ].join('\n');
}

const LABEL_WIDTH = 42;

/** Not those whose label would run into that of the next. */
const labelled = (xs: readonly number[], scale: Scale): readonly number[] =>
  xs.filter((x, at) => scale.x(xs[at + 1] ?? Infinity) - scale.x(x) > LABEL_WIDTH);

interface Scale {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function scaleOf(xs: readonly number[], top: number): Scale {
  const [low, high] = [Math.log10(xs[0] ?? 1), Math.log10(xs.at(-1) ?? 10)];
  const span = { x: WIDTH - MARGIN.left - MARGIN.right, y: HEIGHT - MARGIN.top - MARGIN.bottom };
  return {
    x: (value) => round(MARGIN.left + (span.x * (Math.log10(value) - low)) / (high - low || 1)),
    y: (value) => round(HEIGHT - MARGIN.bottom - (span.y * value) / top),
  };
}

/** The next of 1, 2, 4, 5 or 8 times a power of ten: its quarters are short numbers. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return power * ([1, 2, 4, 5, 8, 10].find((factor) => factor * power >= value) ?? 10);
}

const round = (value: number) => Number(value.toFixed(1));

const text = (x: number, y: number, words: string, attributes: string) =>
  `<text x="${x}" y="${y}" ${attributes}>${words}</text>`;

const gridLine = (y: number, label: string) =>
  `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}" stroke-width="1"/>` +
  text(MARGIN.left - 6, y + 4, label, 'text-anchor="end"');

const strokeOf = (at: number) =>
  `stroke="${COLOURS[at % COLOURS.length]}" stroke-width="2" stroke-dasharray="${DASHES[at % DASHES.length]}"`;

function lineOf({ points }: Line, at: number, scale: Scale): string {
  const path = points.map(({ x, y }) => `${scale.x(x)},${scale.y(y)}`).join(' ');
  const dots = points.map(
    ({ x, y }) =>
      `<circle cx="${scale.x(x)}" cy="${scale.y(y)}" r="3" fill="${COLOURS[at % COLOURS.length]}"/>`,
  );
  return `<polyline points="${path}" fill="none" ${strokeOf(at)}/>${dots.join('')}`;
}

function legend(name: string, at: number): string {
  const [x, y] = [MARGIN.left + at * 90, HEIGHT - 14];
  return `<line x1="${x}" x2="${x + 24}" y1="${y - 4}" y2="${y - 4}" ${strokeOf(at)}/>${text(x + 30, y, name, '')}`;
}
