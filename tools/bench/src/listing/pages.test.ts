import { difference } from './pages.js';

describe('comparing a listing with what it should be', () => {
  it('finds nothing where they are the same', () => {
    expect(difference(['c', 'b', 'a'], ['c', 'b', 'a'])).toBeUndefined();
  });

  it.each([
    ['one that is listed twice', ['c', 'b', 'b'], '1 listed twice'],
    ['one that is missing', ['c', 'b'], '1 missing, 0 that do not belong'],
    ['one that does not belong', ['d', 'c', 'b', 'a'], '0 missing, 1 that do not belong'],
    ['two that changed places', ['b', 'c', 'a'], 'not newest first'],
  ])('finds %s', (_, listed, words) => {
    expect(difference(listed, ['c', 'b', 'a'])).toBe(words);
  });
});
