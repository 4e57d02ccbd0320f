import { duration, oneLine, table } from './tables.js';

describe('a table', () => {
  it('has columns as wide as their widest cell and nothing behind the last', () => {
    expect(
      table(
        ['A', 'LONG'],
        [
          ['wide', '1'],
          ['', ''],
        ],
      ),
    ).toEqual(['A     LONG', 'wide  1', '']);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 0 s'],
    [60_000, '1 min 0 s'],
    [3_599_000, '59 min 59 s'],
    [3_600_000, '1 h 0 min'],
    [90_000_000, '25 h 0 min'],
  ])('of %d ms reads as %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe('text from elsewhere', () => {
  it('stays on one line and cannot steer the terminal', () => {
    expect(oneLine('a\r\nb\u001b[2J\tc\u0007')).toBe('a b [2J c');
  });
});
