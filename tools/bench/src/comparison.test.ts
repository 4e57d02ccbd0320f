import { compare } from './comparison.js';

const measured = { what: 'a write', unit: 'µs', before: 200, atMost: 1.5 };

describe('comparing two costs of one run', () => {
  it('holds up to the ratio that is accepted', () => {
    expect(compare({ ...measured, after: 300 })).toEqual({
      line: 'a write: 200 and 300 µs, ratio 1.50, at most 1.5: holds',
      ratio: 1.5,
      holds: true,
    });
  });

  it('does not hold above it', () => {
    expect(compare({ ...measured, after: 301 }).holds).toBe(false);
  });

  it('does not hold where nothing could be measured', () => {
    expect(compare({ ...measured, before: 0, after: 0 }).holds).toBe(false);
  });
});
