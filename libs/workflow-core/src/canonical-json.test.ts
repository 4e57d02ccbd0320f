import { canonicalJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it('is the same however the keys of objects stand, at any depth', () => {
    const one = { b: [{ y: 1, x: 2 }], a: { d: null, c: 'c' } };
    const other = { a: { c: 'c', d: null }, b: [{ x: 2, y: 1 }] };
    expect(canonicalJson(one)).toBe(canonicalJson(other));
    expect(canonicalJson(one)).toBe('{"a":{"c":"c","d":null},"b":[{"x":2,"y":1}]}');
  });

  it('differs where the content or the order of a list does', () => {
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: '1' }));
  });

  it('keeps a key that is called like a prototype', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"z":1}}'))).toBe(
      '{"__proto__":{"z":1},"b":1}',
    );
  });
});
