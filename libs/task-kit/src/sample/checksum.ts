/** FNV-1a, 32 bits, over the UTF-8 bytes: small, the same in every language, not for secrets. */
export function checksum(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
