import {
  joined,
  MAX_RECORD_BYTES,
  MAX_RECORD_ENTRIES,
  pieceOf,
} from '../../producers/record-pieces';
import { encodeRecord } from '../../schemas/record';

const entryOf = (id: string, text = '') => ({ id, memberId: 'ann', at: 1, body: { text } });
const pieces = (count: number, text = '') =>
  Array.from({ length: count }, (_, n) => pieceOf(entryOf(`e${n}`, text)));

function bytesOf(entries: ReturnType<typeof joined>[number]['entries']): number {
  const numbers = { seq: Number.MAX_SAFE_INTEGER, stored: Number.MAX_SAFE_INTEGER };
  return Buffer.byteLength(encodeRecord({ producer: 'x'.repeat(64), ...numbers, entries }));
}

describe('joined pieces', () => {
  it('have all entries in order, as many together as one record may have', () => {
    const all = joined(pieces(2 * MAX_RECORD_ENTRIES + 1));
    expect(all.map(({ entries }) => entries.length)).toEqual([100, 100, 1]);
    const ids = all.flatMap(({ entries }) => entries.map(({ id }) => id));
    expect(ids).toEqual(Array.from({ length: 201 }, (_, n) => `e${n}`));
  });

  it.each(['ä'.repeat(1_000), '"'.repeat(1_000), '\u0001'.repeat(500)])(
    'are bounded in bytes as they are in the log: %.3s…',
    (text) => {
      const all = joined(pieces(100, text));
      expect(all.length).toBeGreaterThan(1);
      for (const { entries } of all) {
        expect(bytesOf(entries)).toBeLessThanOrEqual(MAX_RECORD_BYTES);
      }
      // No record could have one entry more.
      const largest = Math.max(...all.map(({ entries }) => bytesOf(entries)));
      expect(largest + (all[0]?.bytes ?? 0) / (all[0]?.entries.length ?? 1)).toBeGreaterThan(
        MAX_RECORD_BYTES - 512,
      );
    },
  );

  it('are alone if one entry is too large for a record', () => {
    const large = pieceOf(entryOf('large', 'x'.repeat(MAX_RECORD_BYTES)));
    const [small, other] = pieces(2);
    if (!small || !other) throw new Error('there are two pieces');
    expect(joined([small, large, other]).map(({ entries }) => entries.length)).toEqual([1, 1, 1]);
  });

  it('are never split', () => {
    const sixty = joined(pieces(60));
    expect(joined([...sixty, ...sixty]).map(({ entries }) => entries.length)).toEqual([60, 60]);
  });
});
