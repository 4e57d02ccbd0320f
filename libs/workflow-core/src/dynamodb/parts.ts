/** What is too large for one item is cut into parts. */

/** Below DynamoDB's 400 KB with room for the key. */
export const PART_BYTES = 350 * 1024;

export const inParts = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / PART_BYTES) }, (_, part) =>
    bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
  );
