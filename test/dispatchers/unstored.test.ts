import type { Logged } from '../../dispatchers/log-event';
import { SILENT_MS, UnstoredRecords } from '../../dispatchers/unstored';
import { aLike, VIDEO } from '../fixtures/records';
import { WINDOW_MS } from './parts';

const NOW = 1_700_000_000_000;

/** An owner's time with both clocks at the same value. */
const now = (logTime: number) => ({ logTime, monotonic: logTime });

function item(offset: number, seq: number, stored = 0, producer = 'one', at = NOW): Logged {
  const record = aLike({ likeId: `like-${offset}`, seq, stored, producer, at });
  return { offset, channel: VIDEO, id: BigInt(offset + 1_000), made: at, appendedAt: at, record };
}

function offsets(items: readonly Logged[]): number[] {
  return items.map(({ offset }) => offset);
}

describe('what is not known to be stored', () => {
  it('is every record, until its producer says that it is stored', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    unstored.add(item(11, 2), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 10]);
    unstored.add(item(12, 3, 1), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 11]);
    unstored.add(item(13, 4, 3), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 13]);
  });

  it('is nothing at first', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    expect([unstored.size, unstored.firstOffset]).toEqual([0, undefined]);
    expect(unstored.left(NOW)).toEqual([]);
  });

  it('is kept for each producer apart', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 7, 0, 'one'), now(NOW));
    unstored.add(item(11, 3, 0, 'other'), now(NOW));
    unstored.add(item(12, 4, 3, 'other'), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 10]);
  });

  it('is in the order of the log also where a producer’s appends overtook one another', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 5), now(NOW));
    unstored.add(item(11, 4), now(NOW));
    expect(unstored.firstOffset).toBe(10);
    unstored.add(item(12, 6, 5), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 12]);
  });
});

describe('what a producer that fell silent has left', () => {
  it('is the owner’s to store, and not before', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    unstored.add(item(11, 2), now(NOW + 500));
    expect(unstored.left(NOW + 500 + SILENT_MS - 1)).toEqual([]);
    expect(offsets(unstored.left(NOW + 500 + SILENT_MS))).toEqual([10, 11]);
  });

  it('stays until it is stored', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    const left = unstored.left(NOW + SILENT_MS);
    expect(offsets(unstored.left(NOW + SILENT_MS))).toEqual([10]);
    unstored.settle(left);
    expect(unstored.left(NOW + SILENT_MS)).toEqual([]);
    expect([unstored.size, unstored.firstOffset]).toEqual([0, undefined]);
  });

  it('is not that of one which is still heard of', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1, 0, 'dead'), now(NOW));
    unstored.add(item(11, 1, 0, 'alive'), now(NOW));
    unstored.add(item(12, 2, 0, 'alive'), now(NOW + SILENT_MS));
    expect(offsets(unstored.left(NOW + SILENT_MS))).toEqual([10]);
  });
});

describe('an id', () => {
  it('is known while it waits to be stored, however long that takes', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const one = item(10, 1);
    unstored.add(one, now(NOW));
    unstored.left(NOW + 100 * WINDOW_MS);
    expect(unstored.knows(one.id)).toBe(true);
    expect(unstored.knows(item(11, 2).id)).toBe(false);
  });

  it('is not known once it is stored, because a look-up in the store finds it', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const one = item(10, 1);
    unstored.add(one, now(NOW));
    unstored.settle(unstored.left(NOW + 3 * WINDOW_MS));
    expect(unstored.knows(one.id)).toBe(false);
  });

  it.each([
    [
      'by its owner',
      (unstored: UnstoredRecords) => unstored.settle(unstored.left(NOW + SILENT_MS)),
    ],
    [
      'by its producer, more than a quarter of the window after its append',
      (unstored: UnstoredRecords) => unstored.add(item(11, 2, 1), now(NOW + WINDOW_MS / 4 + 1)),
    ],
  ])('is reported as stored late when it was stored %s', (_, store) => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    store(unstored);
    expect(offsets(unstored.storedLate)).toEqual([10]);
  });

  it('is not kept after it was stored late if there are no peers to publish it to', () => {
    const unstored = new UnstoredRecords(WINDOW_MS, false);
    unstored.add(item(10, 1), now(NOW));
    unstored.settle([item(10, 1)]);
    expect(unstored.storedLate).toEqual([]);
    expect(unstored.size).toBe(0);
  });

  it('is not reported as stored late if it was stored soon', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    unstored.add(item(11, 2, 1), now(NOW + 20));
    expect(unstored.storedLate).toEqual([]);
  });
});

describe('an append that is in the log twice', () => {
  it('is the owner’s to store at its first offset, whatever its producer says', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const first = item(10, 1);
    unstored.add(first, now(NOW));
    unstored.addCopy({ ...first, offset: 12 });
    unstored.add(item(13, 2, 1), now(NOW));
    expect(offsets(unstored.left(NOW))).toEqual([10]);
    expect(unstored.firstOffset).toBe(10);
    unstored.settle([first]);
    expect(unstored.left(NOW)).toEqual([]);
    expect(unstored.firstOffset).toBe(13);
  });

  it('is not one of two producers, which may have other reactions', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const first = item(10, 1);
    unstored.add(first, now(NOW));
    unstored.addCopy({ ...item(11, 1, 0, 'other'), id: first.id });
    expect(unstored.left(NOW)).toEqual([]);
  });
});
