import { tableOf } from './table.js';

const rows = [
  { name: 'chain', seconds: 1234.5 },
  { name: 'fan', seconds: undefined },
];

describe('a table', () => {
  it('is filled to one width, numbers to the right, with a dash for what there is not', () => {
    const table = tableOf(rows, [
      { title: 'Shape', of: ({ name }) => name },
      { title: 's', of: ({ seconds }) => seconds },
    ]);
    expect(table.split('\n')).toEqual([
      '| Shape |       s |',
      '| ----- | ------: |',
      '| chain | 1,234.5 |',
      '| fan   |       - |',
    ]);
  });
});
