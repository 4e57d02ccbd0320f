import { checksum } from './index.js';

describe('the checksum', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('is FNV-1a: the published value of %j', (text, expected) => {
    expect(checksum(text)).toBe(expected);
  });
});
