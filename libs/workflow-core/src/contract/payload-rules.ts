/** Inputs and outputs. */
import { randomUUID } from 'node:crypto';
import { PayloadTooLargeError } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { Workbench } from './workbench.js';

export function describePayloads(bench: Workbench): void {
  const noise = (bytes: number) =>
    Array.from({ length: Math.ceil(bytes / 36) }, () => randomUUID())
      .join('')
      .slice(0, bytes);

  describe('payloads', () => {
    const owner = () => ({
      workflowId: randomUUID(),
      key: 'A#claim',
      expiresAt: 2_000_000_000,
    });
    it.each([
      ['nothing', null],
      ['a small object', { a: [1, 'zwölf', { b: true }] }],
      ['text that barely fits inline', 'x'.repeat(LIMITS.inlinePayloadBytes - 2)],
      ['one byte more', 'x'.repeat(LIMITS.inlinePayloadBytes - 1)],
      ['many parts that do not compress', noise(2_000_000)],
      ['the largest allowed', 'y'.repeat(LIMITS.payloadBytes - 2)],
    ])('give back %s', async (_, value) => {
      const writer = owner();
      const payload = await bench.repository.putPayload(writer, value);
      expect(await bench.repository.getPayload(writer.workflowId, payload)).toEqual(value);
    });

    it('stay inside the item while small', async () => {
      expect(await bench.repository.putPayload(owner(), { a: 1 })).toEqual({
        kind: 'inline',
        json: '{"a":1}',
      });
    });

    it('above the limit are refused by name', async () => {
      await expect(
        bench.repository.putPayload(owner(), 'x'.repeat(LIMITS.payloadBytes)),
      ).rejects.toThrow(PayloadTooLargeError);
    });
  });

  describe('lists', () => {
    const owner = () => ({
      workflowId: randomUUID(),
      key: 'B#claim.items',
      expiresAt: 2_000_000_000,
    });

    it.each([
      ['a few values', [1, null, 'zwei', { n: 3 }]],
      ['many', Array.from({ length: 1_234 }, (_, n) => ({ n }))],
      ['large values', Array.from({ length: 9 }, (_, n) => `${n}${noise(200_000)}`)],
    ])('give back any part of %s', async (_, values) => {
      const writer = owner();
      const list = await bench.repository.putList(writer, values);
      expect(list.count).toBe(values.length);
      const last = values.length - 1;
      for (const [first, end] of [
        [0, last],
        [1, 2],
        [last, last],
        [last - 1, last + 500],
        [last + 1, last + 2],
      ] as const)
        expect(
          await bench.repository.getListRange(writer.workflowId, list, { first, last: end }),
        ).toEqual(values.slice(first, end + 1));
    });

    it('above the limit of a payload are refused by name', async () => {
      const values = Array.from({ length: 6 }, () => 'x'.repeat(LIMITS.payloadBytes / 5));
      await expect(bench.repository.putList(owner(), values)).rejects.toThrow(PayloadTooLargeError);
    });
  });
}
