import { DEFINITIONS, TAG, matches, memberOf } from './population.js';

const SEED = 7;
const members = Array.from({ length: 2_000 }, (_, n) => memberOf(n, SEED, 0));
const count = (filter: Parameters<typeof matches>[1]) =>
  members.filter((member) => matches(member, filter)).length;

describe('the workflows to look for', () => {
  it('are the same for the same seed', () => {
    expect(memberOf(5, SEED, 0)).toEqual(members[5]);
  });

  it('are of every status in about its share', () => {
    expect(count({ status: 'SUCCESS' }) / members.length).toBeCloseTo(0.8, 1);
    expect(count({ status: 'RUNNING' })).toBeGreaterThan(0);
    expect(count({ status: 'CANCELLED' })).toBeGreaterThan(0);
    expect(count({ status: 'PENDING' })).toBe(0);
  });

  it('are of every definition, and some have the tag', () => {
    for (const definition of DEFINITIONS) expect(count({ definition })).toBeGreaterThan(0);
    expect(count({ tag: TAG })).toBeGreaterThan(0);
    expect(count({ tag: TAG })).toBeLessThan(members.length);
  });

  it('match a span of time that begins with its first moment and ends before its last', () => {
    const [from, to] = [members[10]?.createdAt ?? '', members[13]?.createdAt ?? ''];
    expect(count({ from, to })).toBe(3);
  });
});
