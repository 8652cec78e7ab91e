import type { LikeEvent } from '../../../dispatchers/owner/log-event';
import { SILENT_MS, UnstoredRecords } from '../../../dispatchers/owner/unstored-records';
import { aLike, VIDEO } from '../../fixtures/records';
import { WINDOW_MS } from '../parts';

const NOW = 1_700_000_000_000;

/** An owner's time with both clocks at the same value. */
const now = (logTime: number) => ({ logTime, monotonic: logTime });

function item(offset: number, seq: number, stored = 0, producer = 'one', at = NOW): LikeEvent {
  const likeId = `like-${offset}`;
  const record = aLike({ likeId, seq, stored, producer, at });
  const key = { channel: VIDEO, likeId, id: BigInt(offset + 1_000), made: at };
  return { ...key, offset, appendedAt: at, record };
}

function offsets(items: readonly LikeEvent[]): number[] {
  return items.map(({ offset }) => offset);
}

describe('the unstored records', () => {
  it('are all records until their producer confirms that they are stored', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    unstored.add(item(11, 2), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 10]);
    unstored.add(item(12, 3, 1), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 11]);
    unstored.add(item(13, 4, 3), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 13]);
  });

  it('are none at first', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    expect([unstored.size, unstored.firstOffset]).toEqual([0, undefined]);
    expect(unstored.abandoned(NOW)).toEqual([]);
  });

  it('are kept for each producer separately', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 7, 0, 'one'), now(NOW));
    unstored.add(item(11, 3, 0, 'other'), now(NOW));
    unstored.add(item(12, 4, 3, 'other'), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 10]);
  });

  it('are in the order of the log even if a producer’s appends changed their order', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 5), now(NOW));
    unstored.add(item(11, 4), now(NOW));
    expect(unstored.firstOffset).toBe(10);
    unstored.add(item(12, 6, 5), now(NOW));
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 12]);
  });
});

describe('the records of a silent producer', () => {
  it('are abandoned after `SILENT_MS`, and not before', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    unstored.add(item(11, 2), now(NOW + 500));
    expect(unstored.abandoned(NOW + 500 + SILENT_MS - 1)).toEqual([]);
    expect(offsets(unstored.abandoned(NOW + 500 + SILENT_MS))).toEqual([10, 11]);
  });

  it('stay until they are stored', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    const left = unstored.abandoned(NOW + SILENT_MS);
    expect(offsets(unstored.abandoned(NOW + SILENT_MS))).toEqual([10]);
    unstored.markStored(left);
    expect(unstored.abandoned(NOW + SILENT_MS)).toEqual([]);
    expect([unstored.size, unstored.firstOffset]).toEqual([0, undefined]);
  });

  it('are abandoned without those of a live producer', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1, 0, 'dead'), now(NOW));
    unstored.add(item(11, 1, 0, 'alive'), now(NOW));
    unstored.add(item(12, 2, 0, 'alive'), now(NOW + SILENT_MS));
    expect(offsets(unstored.abandoned(NOW + SILENT_MS))).toEqual([10]);
  });
});

describe('an id', () => {
  it('is known until it is stored, at any time', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const one = item(10, 1);
    unstored.add(one, now(NOW));
    unstored.abandoned(NOW + 100 * WINDOW_MS);
    expect(unstored.has(one.id)).toBe(true);
    expect(unstored.has(item(11, 2).id)).toBe(false);
  });

  it('is not known once it is stored, because a look-up finds it', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const one = item(10, 1);
    unstored.add(one, now(NOW));
    unstored.markStored(unstored.abandoned(NOW + 3 * WINDOW_MS));
    expect(unstored.has(one.id)).toBe(false);
  });

  it.each([
    [
      'by its owner',
      (unstored: UnstoredRecords) => unstored.markStored(unstored.abandoned(NOW + SILENT_MS)),
    ],
    [
      'by its producer, more than a quarter of the window after its append',
      (unstored: UnstoredRecords) => unstored.add(item(11, 2, 1), now(NOW + WINDOW_MS / 4 + 1)),
    ],
  ])('is reported as stored late if it was stored %s', (_, store) => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    store(unstored);
    expect(offsets(unstored.storedAfterLookup)).toEqual([10]);
  });

  it('is not reported as stored late if it was stored soon', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    unstored.add(item(10, 1), now(NOW));
    unstored.add(item(11, 2, 1), now(NOW + 20));
    expect(unstored.storedAfterLookup).toEqual([]);
  });
});

describe('an append that the log has twice', () => {
  it('is stored by the owner at its first offset, although its producer confirms it', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const first = item(10, 1);
    unstored.add(first, now(NOW));
    unstored.addCopy({ ...first, offset: 12 });
    unstored.add(item(13, 2, 1), now(NOW));
    expect(offsets(unstored.abandoned(NOW))).toEqual([10]);
    expect(unstored.firstOffset).toBe(10);
    unstored.markStored([first]);
    expect(unstored.abandoned(NOW)).toEqual([]);
    expect(unstored.firstOffset).toBe(13);
  });

  it('is not one of two producers, whose reactions may differ', () => {
    const unstored = new UnstoredRecords(WINDOW_MS);
    const first = item(10, 1);
    unstored.add(first, now(NOW));
    unstored.addCopy({ ...item(11, 1, 0, 'other'), id: first.id });
    expect(unstored.abandoned(NOW)).toEqual([]);
  });
});
