/** 64 bits, as two signed 32-bit numbers: V8 computes with these, and allocates each bigint. */
export interface Fingerprint {
  readonly high: number;
  readonly low: number;
}

/** The 128 bits of a key, as 32-bit numbers, the least significant first. */
export type SipKey = readonly [number, number, number, number];

const BLOCK_BYTES = 8;
const ROUNDS_OF_BLOCK = 2;
const LAST_ROUNDS = 4;

/**
 * SipHash-2-4 of a text with characters up to U+00FF, each of which is one byte. A client that does
 * not know the key cannot find two texts with the same value.
 * https://www.aumasson.jp/siphash/siphash.pdf
 */
export function sipHash([key0, key1, key2, key3]: SipKey, text: string): Fingerprint {
  // The four words of the state, 64 bits each: v0 is (aHigh, a), v1 is (bHigh, b), and so on.
  let a = key0 ^ 0x70736575;
  let aHigh = key1 ^ 0x736f6d65;
  let b = key2 ^ 0x6e646f6d;
  let bHigh = key3 ^ 0x646f7261;
  let c = key0 ^ 0x6e657261;
  let cHigh = key1 ^ 0x6c796765;
  let d = key2 ^ 0x79746573;
  let dHigh = key3 ^ 0x74656462;
  let swapped: number;
  const whole = Math.floor(text.length / BLOCK_BYTES);
  for (let block = 0; block <= whole + 1; block++) {
    const at = block * BLOCK_BYTES;
    let low = 0;
    let high = 0;
    if (block < whole) {
      low = word(text, at);
      high = word(text, at + 4);
    } else if (block === whole) {
      low = lastWord(text, at);
      high = lastWord(text, at + 4) | (text.length << 24);
    } else {
      c ^= 0xff;
    }
    d ^= low;
    dHigh ^= high;
    for (let left = block > whole ? LAST_ROUNDS : ROUNDS_OF_BLOCK; left > 0; left--) {
      // v0 += v1; v1 <<<= 13; v1 ^= v0; v0 <<<= 32
      let sum = (a + b) | 0;
      aHigh = (aHigh + bHigh + carryOf(sum, a)) | 0;
      swapped = (b << 13) | (bHigh >>> 19);
      bHigh = ((bHigh << 13) | (b >>> 19)) ^ aHigh;
      b = swapped ^ sum;
      a = aHigh;
      aHigh = sum;
      // v2 += v3; v3 <<<= 16; v3 ^= v2
      sum = (c + d) | 0;
      cHigh = (cHigh + dHigh + carryOf(sum, c)) | 0;
      c = sum;
      swapped = (d << 16) | (dHigh >>> 16);
      dHigh = ((dHigh << 16) | (d >>> 16)) ^ cHigh;
      d = swapped ^ c;
      // v0 += v3; v3 <<<= 21; v3 ^= v0
      sum = (a + d) | 0;
      aHigh = (aHigh + dHigh + carryOf(sum, a)) | 0;
      a = sum;
      swapped = (d << 21) | (dHigh >>> 11);
      dHigh = ((dHigh << 21) | (d >>> 11)) ^ aHigh;
      d = swapped ^ a;
      // v2 += v1; v1 <<<= 17; v1 ^= v2; v2 <<<= 32
      sum = (c + b) | 0;
      cHigh = (cHigh + bHigh + carryOf(sum, c)) | 0;
      swapped = (b << 17) | (bHigh >>> 15);
      bHigh = ((bHigh << 17) | (b >>> 15)) ^ cHigh;
      b = swapped ^ sum;
      c = cHigh;
      cHigh = sum;
    }
    a ^= low;
    aHigh ^= high;
  }
  return { low: a ^ b ^ c ^ d, high: aHigh ^ bHigh ^ cHigh ^ dHigh };
}

/** The carry of a sum of 32 bits, of which `part` was added. */
function carryOf(sum: number, part: number): number {
  return sum >>> 0 < part >>> 0 ? 1 : 0;
}

/** Four characters, as a little-endian number. */
function word(text: string, at: number): number {
  const lower = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8);
  return lower | (text.charCodeAt(at + 2) << 16) | (text.charCodeAt(at + 3) << 24);
}

/** As `word`, of a text that may end before. */
function lastWord(text: string, at: number): number {
  let value = 0;
  for (let index = Math.min(text.length, at + 4) - 1; index >= at; index--) {
    value = (value << 8) | text.charCodeAt(index);
  }
  return value;
}
