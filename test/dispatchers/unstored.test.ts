import type { Logged } from '../../dispatchers/log-event';
import { SILENT_MS, UnstoredRecords } from '../../dispatchers/unstored';
import { aLike, VIDEO } from '../fixtures/records';
import { WINDOW_MS } from './parts';

const NOW = 1_700_000_000_000;

function item(offset: number, seq: number, stored = 0, producer = 'one', at = NOW): Logged {
  const record = aLike({ likeId: `like-${offset}`, seq, stored, producer, at });
  return { offset, channel: VIDEO, id: BigInt(offset + 1_000), record };
}

function offsets(items: readonly Logged[]): number[] {
  return items.map(({ offset }) => offset);
}

describe('what is not known to be stored', () => {
  it('is every record, until its producer says that it is stored', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), NOW);
    unstored.add(item(11, 2), NOW);
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 10]);
    unstored.add(item(12, 3, 1), NOW);
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 11]);
    unstored.add(item(13, 4, 3), NOW);
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 13]);
  });

  it('is nothing at first', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    expect([unstored.size, unstored.firstOffset]).toEqual([0, undefined]);
    expect(unstored.left(NOW)).toEqual([]);
  });

  it('is kept for each producer apart', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 7, 0, 'one'), NOW);
    unstored.add(item(11, 3, 0, 'other'), NOW);
    unstored.add(item(12, 4, 3, 'other'), NOW);
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 10]);
  });

  it('is in the order of the log also where a producer’s appends overtook one another', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 5), NOW);
    unstored.add(item(11, 4), NOW);
    expect(unstored.firstOffset).toBe(10);
    unstored.add(item(12, 6, 5), NOW);
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 12]);
  });
});

describe('what a producer that fell silent has left', () => {
  it('is the owner’s to store, and not before', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), NOW);
    unstored.add(item(11, 2), NOW + 500);
    expect(unstored.left(NOW + 500 + SILENT_MS - 1)).toEqual([]);
    expect(offsets(unstored.left(NOW + 500 + SILENT_MS))).toEqual([10, 11]);
  });

  it('stays until it is stored', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), NOW);
    const left = unstored.left(NOW + SILENT_MS);
    expect(offsets(unstored.left(NOW + SILENT_MS))).toEqual([10]);
    unstored.settle(left, NOW + SILENT_MS);
    expect(unstored.left(NOW + SILENT_MS)).toEqual([]);
    expect([unstored.size, unstored.firstOffset]).toEqual([0, undefined]);
  });

  it('is not that of one which is still heard of', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1, 0, 'dead'), NOW);
    unstored.add(item(11, 1, 0, 'alive'), NOW);
    unstored.add(item(12, 2, 0, 'alive'), NOW + SILENT_MS);
    expect(offsets(unstored.left(NOW + SILENT_MS))).toEqual([10]);
  });
});

describe('an id', () => {
  it('is known while it waits to be stored, however long that takes', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const one = item(10, 1);
    unstored.add(one, NOW);
    unstored.left(NOW + 100 * WINDOW_MS);
    expect(unstored.knows(one.id)).toBe(true);
    expect(unstored.knows(item(11, 2).id)).toBe(false);
  });

  it('that was stored late is known for a window more: somebody may have looked just before', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const one = item(10, 1);
    const late = NOW + 3 * WINDOW_MS;
    unstored.add(one, NOW);
    unstored.settle(unstored.left(late), late);
    unstored.left(late + WINDOW_MS);
    expect(unstored.knows(one.id)).toBe(true);
    unstored.left(late + WINDOW_MS + 1);
    expect(unstored.knows(one.id)).toBe(false);
  });

  it('that was stored soon is the window’s to know', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const one = item(10, 1);
    unstored.add(one, NOW);
    unstored.add(item(11, 2, 1), NOW + 20);
    expect(unstored.knows(one.id)).toBe(false);
  });
});
