import { checksum } from '@orchestra/task-kit/sample';

const COUNT = 8;

/** Eight whole numbers from 1 to 999, always the same for the same text. */
export function makeNumbers(seed: string): number[] {
  return Array.from({ length: COUNT }, (_, index) => 1 + (checksum(`${seed}/${index}`) % 999));
}
