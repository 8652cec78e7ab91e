import fc from 'fast-check';
import '../../fixtures/same-runs';
import { type SipKey, sipHash } from '../../../dispatchers/owner/sip-hash';
import { ids } from '../../schemas/arbitraries';

/** The key of the published values: the bytes 00 to 0f. */
const KEY: SipKey = [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c];
const BITS_32 = 32n;
const BITS_64 = 64n;

function hex(text: string, key = KEY): string {
  const { high, low } = sipHash(key, text);
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

/** The same function with 64-bit numbers, as its authors write it. */
function bySpecification(key: SipKey, text: string): string {
  const wide = (value: bigint) => BigInt.asUintN(64, value);
  const rotated = (value: bigint, by: bigint) => wide((value << by) | (value >> (BITS_64 - by)));
  const [key0, key1, key2, key3] = key.map((part) => BigInt(part >>> 0));
  const [low, high] = [
    (key0 ?? 0n) | ((key1 ?? 0n) << BITS_32),
    (key2 ?? 0n) | ((key3 ?? 0n) << BITS_32),
  ];
  let v0 = low ^ 0x736f6d6570736575n;
  let v1 = high ^ 0x646f72616e646f6dn;
  let v2 = low ^ 0x6c7967656e657261n;
  let v3 = high ^ 0x7465646279746573n;
  const rounds = (count: number): void => {
    for (let left = count; left > 0; left--) {
      v0 = wide(v0 + v1);
      v1 = rotated(v1, 13n) ^ v0;
      v0 = rotated(v0, BITS_32);
      v2 = wide(v2 + v3);
      v3 = rotated(v3, 16n) ^ v2;
      v0 = wide(v0 + v3);
      v3 = rotated(v3, 21n) ^ v0;
      v2 = wide(v2 + v1);
      v1 = rotated(v1, 17n) ^ v2;
      v2 = rotated(v2, BITS_32);
    }
  };
  const bytes = Buffer.alloc((Math.floor(text.length / 8) + 1) * 8);
  bytes.write(text, 'latin1');
  bytes[bytes.length - 1] = text.length;
  for (let at = 0; at < bytes.length; at += 8) {
    const block = bytes.readBigUInt64LE(at);
    v3 ^= block;
    rounds(2);
    v0 ^= block;
  }
  v2 ^= 0xffn;
  rounds(4);
  return (v0 ^ v1 ^ v2 ^ v3).toString(16).padStart(16, '0');
}

describe('sipHash', () => {
  // https://github.com/veorq/SipHash/blob/master/vectors.h, and appendix A of the paper
  it.each([
    [0, '726fdb47dd0e0e31'],
    [1, '74f839c593dc67fd'],
    [7, 'ab0200f58b01d137'],
    [8, '93f5f5799a932462'],
    [15, 'a129ca6149be45e5'],
  ])('has the published value of %i bytes', (length, value) => {
    expect(hex(String.fromCharCode(...Array(length).keys()))).toBe(value);
  });

  it('is the same with halves of 32 bits as with 64 bits', () => {
    const part = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.tuple(part, part, part, part), ids, (key, text) => {
        expect(hex(text, key)).toBe(bySpecification(key, text));
      }),
    );
  });
});
