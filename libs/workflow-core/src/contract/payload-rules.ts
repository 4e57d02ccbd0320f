/** Inputs and outputs. */
import { randomUUID } from 'node:crypto';
import { PayloadTooLargeError } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { Workbench } from './workbench.js';

export function describePayloads(bench: Workbench): void {
  describe('payloads', () => {
    const owner = () => ({
      workflowId: randomUUID(),
      key: 'A#claim',
      expiresAt: 2_000_000_000,
    });
    const noise = (bytes: number) =>
      Array.from({ length: Math.ceil(bytes / 36) }, () => randomUUID())
        .join('')
        .slice(0, bytes);

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
}
