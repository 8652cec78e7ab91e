import { Fingerprints } from '../../../dispatchers/owner/fingerprints';
import {
  type EntryEvent,
  isRecord,
  parseLogEvent,
  type RecordEvent,
} from '../../../dispatchers/owner/log-event';
import { SILENT_MS, UnstoredRecords } from '../../../dispatchers/owner/unstored-records';
import { likes } from '../../../schemas/likes';
import { encodeRecord } from '../../../schemas/record';
import { VIDEO } from '../../fixtures/records';
import { WINDOW_MS } from '../parts';

const FINGERPRINTS = new Fingerprints('secret');
const NOW = 1_700_000_000_000;

/** An owner's time with both clocks at the same value. */
const now = (logTime: number) => ({ logTime, monotonic: logTime });

/** A record with one entry, or with entries of these ids. */
function record(
  offset: number,
  seq: number,
  { at = NOW, ids = [`like-${offset}`], producer = 'one', stored = 0 }: RecordChange = {},
): RecordEvent {
  const value = encodeRecord({
    ...{ producer, seq, stored },
    entries: ids.map((id) => ({ id, memberId: 'ann', at, body: { reaction: 'like' } })),
  });
  const event = parseLogEvent(
    { key: VIDEO, offset, value, appendedAt: at },
    { fingerprints: FINGERPRINTS, type: likes },
  );
  if (!isRecord(event)) throw new Error('not a record with entries');
  return event;
}

interface RecordChange {
  readonly at?: number;
  readonly ids?: readonly string[];
  readonly producer?: string;
  readonly stored?: number;
}

/** The unstored records, and `add`, which adds a record all of whose entries are counted. */
function use() {
  const unstored = new UnstoredRecords(WINDOW_MS);
  const add = (each: RecordEvent, time = now(NOW)) => unstored.add(each, each.entries, time);
  return { add, unstored };
}

type Use = ReturnType<typeof use>;

function only({ entries }: RecordEvent): EntryEvent {
  const [entry] = entries;
  if (!entry) throw new Error('there is no entry');
  return entry;
}

const idsOf = (of: readonly EntryEvent[]): string[] => of.map(({ entryId }) => entryId);

function offsets(items: readonly { readonly offset: number }[]): number[] {
  return items.map(({ offset }) => offset);
}

describe('the unstored records', () => {
  it('are all records until their producer confirms that they are stored', () => {
    const { add, unstored } = use();
    add(record(10, 1));
    add(record(11, 2));
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 10]);
    add(record(12, 3, { stored: 1 }));
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 11]);
    add(record(13, 4, { stored: 3 }));
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 13]);
  });

  it('are none at first', () => {
    const { unstored } = use();
    expect([unstored.size, unstored.firstOffset]).toEqual([0, undefined]);
    expect(unstored.abandoned(NOW)).toEqual([]);
  });

  it('are kept for each producer separately', () => {
    const { add, unstored } = use();
    add(record(10, 7, { producer: 'one' }));
    add(record(11, 3, { producer: 'other' }));
    add(record(12, 4, { stored: 3, producer: 'other' }));
    expect([unstored.size, unstored.firstOffset]).toEqual([2, 10]);
  });

  it('are in the order of the log even if a producer’s appends changed their order', () => {
    const { add, unstored } = use();
    add(record(10, 5));
    add(record(11, 4));
    expect(unstored.firstOffset).toBe(10);
    add(record(12, 6, { stored: 5 }));
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 12]);
  });
});

describe('the records of a silent producer', () => {
  it('are abandoned after `SILENT_MS`, and not before', () => {
    const { add, unstored } = use();
    add(record(10, 1));
    add(record(11, 2), now(NOW + 500));
    expect(unstored.abandoned(NOW + 500 + SILENT_MS - 1)).toEqual([]);
    expect(offsets(unstored.abandoned(NOW + 500 + SILENT_MS))).toEqual([10, 11]);
  });

  it('stay until they are stored', () => {
    const { add, unstored } = use();
    add(record(10, 1));
    const left = unstored.abandoned(NOW + SILENT_MS);
    expect(offsets(unstored.abandoned(NOW + SILENT_MS))).toEqual([10]);
    unstored.markStored(left);
    expect(unstored.abandoned(NOW + SILENT_MS)).toEqual([]);
    expect([unstored.size, unstored.firstOffset]).toEqual([0, undefined]);
  });

  it('are abandoned without those of a live producer', () => {
    const { add, unstored } = use();
    add(record(10, 1, { producer: 'dead' }));
    add(record(11, 1, { producer: 'alive' }));
    add(record(12, 2, { producer: 'alive' }), now(NOW + SILENT_MS));
    expect(offsets(unstored.abandoned(NOW + SILENT_MS))).toEqual([10]);
  });
});

describe('an id', () => {
  it('is known until it is stored, at any time', () => {
    const { add, unstored } = use();
    const one = record(10, 1);
    add(one);
    unstored.abandoned(NOW + 100 * WINDOW_MS);
    expect(unstored.has(only(one).fingerprint)).toBe(true);
    expect(unstored.has(only(record(11, 2)).fingerprint)).toBe(false);
  });

  it('is not known once it is stored, because a look-up finds it', () => {
    const { add, unstored } = use();
    const one = record(10, 1);
    add(one);
    unstored.markStored(unstored.abandoned(NOW + 3 * WINDOW_MS));
    expect(unstored.has(only(one).fingerprint)).toBe(false);
  });

  it.each([
    [
      'by its owner',
      ({ unstored }: Use) => unstored.markStored(unstored.abandoned(NOW + SILENT_MS)),
    ],
    [
      'by its producer, more than a quarter of the window after its append',
      ({ add }: Use) => add(record(11, 2, { stored: 1 }), now(NOW + WINDOW_MS / 4 + 1)),
    ],
  ])('is reported as stored late if it was stored %s', (_, store) => {
    const used = use();
    used.add(record(10, 1, { ids: ['a', 'b'] }));
    store(used);
    expect(idsOf(used.unstored.storedAfterLookup)).toEqual(['a', 'b']);
  });

  it('is not reported as stored late if it was stored soon', () => {
    const { add, unstored } = use();
    add(record(10, 1));
    add(record(11, 2, { stored: 1 }), now(NOW + 20));
    expect(unstored.storedAfterLookup).toEqual([]);
  });
});

describe('an append that the log has twice', () => {
  it('is stored by the owner at its first offset, although its producer confirms it', () => {
    const { add, unstored } = use();
    const first = record(10, 1);
    add(first);
    unstored.addCopy(only(record(12, 1, { ids: ['like-10'] })));
    add(record(13, 2, { stored: 1 }));
    const abandoned = unstored.abandoned(NOW);
    expect(offsets(abandoned)).toEqual([10]);
    expect(unstored.firstOffset).toBe(10);
    unstored.markStored(abandoned);
    expect(unstored.abandoned(NOW)).toEqual([]);
    expect(unstored.firstOffset).toBe(13);
  });

  it('is stored with the entries that only its later record has', () => {
    const { add, unstored } = use();
    const first = record(10, 1, { ids: ['a', 'b'] });
    unstored.add(first, first.entries.slice(0, 1), now(NOW));
    const later = record(12, 1, { ids: ['a', 'b'] });
    unstored.add(later, later.entries.slice(1), now(NOW));
    add(record(13, 2, { stored: 1 }));
    const [both, ...others] = unstored.abandoned(NOW);
    const stored = both?.entries.map((entry) => [entry.entryId, entry.record.offset]);
    expect([stored, others]).toEqual([
      [
        ['a', 10],
        ['b', 12],
      ],
      [],
    ]);
    unstored.markStored(both ? [both] : []);
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 13]);
  });

  it('is not one of two producers, whose bodies may differ', () => {
    const { add, unstored } = use();
    add(record(10, 1));
    unstored.addCopy(only(record(11, 1, { producer: 'other', ids: ['like-10'] })));
    expect(unstored.abandoned(NOW)).toEqual([]);
  });
});

describe('a record with several entries', () => {
  const ids = ['a', 'b', 'c'];

  it('is confirmed, and counted by its entries, as a whole', () => {
    const { add, unstored } = use();
    add(record(10, 1, { ids }));
    expect([unstored.size, unstored.firstOffset]).toEqual([3, 10]);
    add(record(11, 2, { stored: 1 }));
    expect([unstored.size, unstored.firstOffset]).toEqual([1, 11]);
  });

  it('is abandoned with the entries that our log counts', () => {
    const { unstored } = use();
    const some = record(10, 1, { ids });
    unstored.add(some, some.entries.slice(1), now(NOW));
    const [abandoned] = unstored.abandoned(NOW + SILENT_MS);
    expect(idsOf(abandoned?.entries ?? [])).toEqual(['b', 'c']);
    expect(some.entries.map(({ fingerprint }) => unstored.has(fingerprint))).toEqual([
      ...[false, true, true],
    ]);
  });
});
