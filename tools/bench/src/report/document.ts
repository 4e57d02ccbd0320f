/** The page with the figures: what is measured stands between two markers, what people write around them stays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DOCS = new URL('../../../../docs/', import.meta.url);
const PAGE = fileURLToPath(new URL('performance.md', DOCS));

/** @throws Error when the text has no such place */
export function replaceBetween(text: string, place: string, content: string): string {
  const [from, to] = [`<!-- ${place}: measured -->`, `<!-- /${place} -->`];
  const begin = text.indexOf(from);
  const end = text.indexOf(to, begin);
  if (begin < 0 || end < 0) throw new Error(`there is no place called ${place}`);
  return `${text.slice(0, begin + from.length)}\n\n${content.trim()}\n\n${text.slice(end)}`;
}

export function writeFigures(place: string, content: string): void {
  writeFileSync(PAGE, replaceBetween(readFileSync(PAGE, 'utf8'), place, content));
  console.log(`written to docs/performance.md`);
}

export const writeImage = (name: string, svg: string): void =>
  writeFileSync(new URL(`images/${name}`, DOCS), svg);
