import { defineSampleTask, upstreamNumbers } from '@orchestra/task-kit/sample';

/** B1 adds up A's numbers. */
export const handler = defineSampleTask({
  name: 'B1',
  compute: ({ dependencies }) => {
    const numbers = upstreamNumbers(dependencies, 'A', 'numbers');
    return { count: numbers.length, sum: numbers.reduce((sum, number) => sum + number, 0) };
  },
});
