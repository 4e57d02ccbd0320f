/** Every tone can be read on every ground it stands on, in both schemes (WCAG 2.2: 1.4.3 and 1.4.11). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TEXT_RATIO = 4.5;
const ICON_RATIO = 3;
const GROUNDS = ['surface', 'canvas', 'hover', 'selected'];
const TONES = ['waiting', 'ready', 'running', 'success', 'failed', 'skipped', 'cancelled'];
const TEXTS = ['text', 'text-2', 'text-3', 'accent', 'json-string', 'json-literal'];

const css = ['tokens.css', 'tones.css']
  .map((file) => readFileSync(join(__dirname, file), 'utf8'))
  .join('\n');

const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
);

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(front: string, ground: string, scheme: 'light' | 'dark'): number {
  const shades = [front, ground].map((name) => {
    const colour = colours.get(name);
    if (!colour) throw new Error(`--${name} is not a pair of colours`);
    return luminance(colour[scheme]);
  });
  return (Math.max(...shades) + 0.05) / (Math.min(...shades) + 0.05);
}

describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme) => {
  it.each(TEXTS)('%s can be read', (text) => {
    for (const ground of [...GROUNDS, 'sunken'])
      expect([ground, contrast(text, ground, scheme) >= TEXT_RATIO]).toEqual([ground, true]);
  });

  it.each(TONES)('the word and the icon of %s can be read', (tone) => {
    for (const ground of [...GROUNDS, `${tone}-soft`]) {
      expect([ground, contrast(`${tone}-text`, ground, scheme) >= TEXT_RATIO]).toEqual([
        ground,
        true,
      ]);
      expect([ground, contrast(`${tone}-solid`, ground, scheme) >= ICON_RATIO]).toEqual([
        ground,
        true,
      ]);
    }
  });
});
