import { shuffledAcrossItems } from './record-order.js';

const record = (sequenceNumber: number, item: string) => ({
  ...{ sequenceNumber: String(sequenceNumber), item, json: '{}', createdAt: 0 },
});
const batch = Array.from({ length: 60 }, (_, n) => record(n, `item ${n % 7}`));
const ofItem = (item: string, records: readonly { item: string; sequenceNumber: string }[]) =>
  records.filter((each) => each.item === item).map(({ sequenceNumber }) => Number(sequenceNumber));

describe('the order of the records in an event', () => {
  it('keeps every record, and those of each item in theirs', () => {
    for (let seed = 0; seed < 200; seed++) {
      const shuffled = shuffledAcrossItems(seed)(batch);
      expect(new Set(shuffled)).toEqual(new Set(batch));
      for (const { item } of batch.slice(0, 7))
        expect([seed, ofItem(item, shuffled)]).toEqual([seed, ofItem(item, batch)]);
    }
  });

  it('puts records of different items in any order, the last before the first too', () => {
    const pair = [record(1, 'a'), record(2, 'b')];
    const firsts = Array.from(
      { length: 100 },
      (_, seed) => shuffledAcrossItems(seed)(pair)[0]?.item,
    );
    expect(firsts.filter((item) => item === 'b').length).toBeGreaterThan(25);
    expect(firsts.filter((item) => item === 'a').length).toBeGreaterThan(25);
  });

  it('is the same for the same seed, another at every delivery, and another for another seed', () => {
    const orders = (seed: number) => {
      const order = shuffledAcrossItems(seed);
      return [1, 2, 3].map(() => order(batch).map(({ sequenceNumber }) => sequenceNumber));
    };
    expect(orders(7)).toEqual(orders(7));
    expect(orders(7)).not.toEqual(orders(8));
    const [first, second] = orders(7);
    expect(first).not.toEqual(second);
  });

  it('of one item is that of its sequence numbers', () => {
    const one = batch.map((each) => ({ ...each, item: 'a' }));
    expect(shuffledAcrossItems(3)(one)).toEqual(one);
  });
});
