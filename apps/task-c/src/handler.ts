import { defineSampleTask, upstreamNumber, upstreamText } from '@orchestra/task-kit/sample';

/** C brings together what B1, B2 and B3 found. */
export const handler = defineSampleTask({
  name: 'C',
  compute: ({ dependencies }) => {
    const count = upstreamNumber(dependencies, 'B1', 'count');
    const sum = upstreamNumber(dependencies, 'B1', 'sum');
    return {
      count,
      sum,
      mean: Math.round((sum / count) * 100) / 100,
      median: upstreamNumber(dependencies, 'B2', 'median'),
      max: upstreamNumber(dependencies, 'B3', 'max'),
      checksum: upstreamText(dependencies, 'B3', 'checksum'),
    };
  },
});
