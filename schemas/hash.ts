import { hash } from 'node:crypto';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * FNV-1a, 32 bit, of a text's UTF-16 units, for partitions and buckets, where a forged collision
 * has no effect. http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function spread(text: string): number {
  let value = FNV_OFFSET;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), FNV_PRIME);
  }
  return value >>> 0;
}

/** The first 64 bits of SHA-1 over key and text. A secret key prevents forged collisions. */
export function fingerprint(key: string, text: string): bigint {
  return hash('sha1', `${key}\n${text}`, 'buffer').readBigUInt64LE(0);
}
