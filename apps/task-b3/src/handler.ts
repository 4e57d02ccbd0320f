import { checksum, defineSampleTask, upstreamNumbers } from '@orchestra/task-kit/sample';

/** B3 finds the largest of A's numbers and a checksum of them all. */
export const handler = defineSampleTask({
  name: 'B3',
  compute: ({ dependencies }) => {
    const numbers = upstreamNumbers(dependencies, 'A', 'numbers');
    const sum = checksum(numbers.join(','));
    return { max: Math.max(...numbers), checksum: sum.toString(16).padStart(8, '0') };
  },
});
