import fc from 'fast-check';
import '../../../fixtures/same-runs';
import { type BlockRow, sortedRows } from '../../../../adapters/embedded/blocks/block-row';
import { MAX_BLOCK_BYTES, packRows } from '../../../../adapters/embedded/blocks/block-writer';
import { isPacked } from '../../../../adapters/embedded/blocks/packed-id';
import { RowBlock } from '../../../../adapters/embedded/blocks/row-block';

const hex = (digits: number) =>
  fc
    .bigInt({ min: 0n, max: 16n ** BigInt(digits) - 1n })
    .map((value) => value.toString(16).padStart(digits, '0'));
const time = fc.oneof(
  fc.nat(2_000).map((ms) => 1_700_000_000_000 + ms),
  fc.nat(2 ** 48 - 1),
);
const id = fc.tuple(time, hex(3), hex(4), hex(12)).map(([ms, a, b, c]) => {
  const text = ms.toString(16).padStart(12, '0');
  return `${text.slice(0, 8)}-${text.slice(8)}-7${a}-${b}-${c}`;
});
const row: fc.Arbitrary<BlockRow> = fc.record({
  id,
  channel: fc.constantFrom('video:a', 'video:b', 'video:long-name.1'),
  memberId: fc.oneof(fc.constant('ann'), fc.string({ unit: 'grapheme', maxLength: 60 })),
  at: fc.oneof(
    fc.nat(2_000).map((ms) => 1_700_000_000_000 + ms),
    fc.maxSafeNat(),
  ),
  offset: fc.oneof(fc.nat(300), fc.nat(2 ** 50)),
  body: fc.oneof(
    fc.constant('{}'),
    fc.string({ maxLength: 300 }).map((text) => JSON.stringify(text)),
  ),
});

it('has all rows, in order, whatever they are', () => {
  const has = (rows: BlockRow[], limit: number) => {
    const sorted = sortedRows(rows);
    const blocks = packRows(sorted, limit);
    expect(blocks.flatMap(({ bytes }) => new RowBlock(bytes).rows())).toEqual(sorted);
    for (const { bytes, first } of blocks) {
      const block = new RowBlock(bytes);
      const inBlock = block.rows();
      expect(inBlock[0]).toEqual(first);
      expect(inBlock.length).toBeLessThanOrEqual(limit);
      expect(inBlock.map((each) => block.find(each.id, each.channel))).toEqual(inBlock);
      expect(block.find(first.id, 'video:other')).toBeUndefined();
      if (inBlock.length > 1) expect(bytes.length).toBeLessThanOrEqual(MAX_BLOCK_BYTES);
    }
  };
  const rows = fc.array(row, { minLength: 1, maxLength: 200, size: 'max' });
  fc.assert(fc.property(rows, fc.integer({ min: 1, max: 1_000 }), has), { numRuns: 20 });
});

it('takes less than 20 bytes for a like of a batch, and fills its page', () => {
  const rows = Array.from({ length: 5_000 }, (_, at) => {
    const random = Math.imul(at + 1, 0x9e3779b1) >>> 0;
    const rest = random.toString(16).padStart(8, '0').repeat(3);
    const time = (at >> 6).toString(16).padStart(2, '0');
    const low = `8${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
    return {
      id: `018bcfe5-68${time}-7${rest.slice(0, 3)}-${low}`,
      channel: `video:${(at >> 6) % 100}`,
      memberId: `anonymous-${String(at >> 6).padStart(32, '0')}`,
      at: 1_700_000_000_000 + (at >> 6),
      offset: at >> 6,
      body: '{"reaction":"like"}',
    };
  });
  const blocks = packRows(sortedRows(rows));
  const bytes = blocks.reduce((sum, block) => sum + block.bytes.length, 0);
  expect(bytes / rows.length).toBeLessThan(20);
  for (const block of blocks.slice(0, -1)) {
    expect(block.bytes.length).toBeGreaterThan(MAX_BLOCK_BYTES * 0.95);
  }
});

it.each([
  ['a UUIDv7', '018bcfe5-6800-7abc-8def-0123456789ab', true],
  ['a UUIDv4', '018bcfe5-6800-4abc-8def-0123456789ab', false],
  ['capitals', '018BCFE5-6800-7abc-8def-0123456789ab', false],
  ['a dash at another place', '018bcfe56-800-7abc-8def-0123456789ab', false],
  ['another letter', '018bcfe5-6800-7abc-8def-0123456789ag', false],
  ['a letter of another script', '018bcfe5-6800-7abc-8def-0123456789аb', false],
  ['another length', '018bcfe5-6800-7abc-8def-0123456789a', false],
])('packs only ids that it can unpack: %s', (_, text, expected) => {
  expect(isPacked(text)).toBe(expected);
});
