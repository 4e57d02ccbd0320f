import { plot } from './plot.js';

const panel = {
  title: 'Units',
  lines: [
    {
      name: 'chain',
      points: [
        { x: 10, y: 4 },
        { x: 1_000, y: 3 },
      ],
    },
    {
      name: 'fan',
      points: [
        { x: 10, y: 2 },
        { x: 1_000, y: 1 },
      ],
    },
  ],
};
const svg = plot([panel, panel], 'tasks');
const yOf = (line: number) =>
  [...svg.matchAll(/points="([^"]*)"/g)][line]?.[1]
    ?.split(' ')
    .map((point) => Number(point.split(',')[1])) ?? [];

describe('a plot', () => {
  it('has one line for each of each panel, and each of their names once a panel', () => {
    expect(svg.match(/<polyline/g)).toHaveLength(4);
    expect(svg.match(/>chain</g)).toHaveLength(2);
  });

  it('draws more above less', () => {
    const [first = 0, last = 0] = yOf(0);
    expect(first).toBeLessThan(last);
    expect(yOf(1).every((y, at) => y > (yOf(0)[at] ?? Infinity))).toBe(true);
  });

  it('leaves out a size whose label would run into that of the next', () => {
    const points = [10, 100, 900, 1_000].map((x) => ({ x, y: 1 }));
    const crowded = plot([{ title: 'Units', lines: [{ name: 'chain', points }] }], 'tasks');
    expect(crowded).not.toContain('>900<');
    expect(crowded).toContain('>1,000<');
  });

  it('tells dark from light by itself', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
  });
});
