import type { FoundEntry } from '../../adapters/row-store';
import { MAX_RECENT_IDS, RecentIds } from '../../producers/recent-ids';
import { deferred, settled } from '../fixtures/deferred';

const ENTRY: FoundEntry = { id: 'a', memberId: 'ann', at: 1, body: {}, place: 'dc1.1@0' };

describe('RecentIds', () => {
  it('returns an entry in flight and one that is done, by channel and id', async () => {
    const recent = new RecentIds();
    const written = deferred<readonly FoundEntry[]>();
    recent.add('video:1', ['a'], written.promise);
    const inFlight = recent.get('video:1', 'a');
    expect(recent.get('video:2', 'a')).toBeUndefined();
    written.resolve([ENTRY]);
    expect(inFlight).toBeInstanceOf(Promise);
    expect(await inFlight).toBe(ENTRY);
    await settled();
    expect(recent.get('video:1', 'a')).toBe(ENTRY);
  });

  it('returns each entry of a write with several', async () => {
    const recent = new RecentIds();
    const written = deferred<readonly FoundEntry[]>();
    recent.add('video:1', ['a', 'b'], written.promise);
    const inFlight = recent.get('video:1', 'b');
    written.resolve([ENTRY, { ...ENTRY, id: 'b' }]);
    expect(await inFlight).toMatchObject({ id: 'b' });
    await settled();
    expect(recent.get('video:1', 'a')).toBe(ENTRY);
    expect(recent.get('video:1', 'b')).toMatchObject({ id: 'b' });
  });

  it('removes an entry that failed', async () => {
    const recent = new RecentIds();
    const written = deferred<readonly FoundEntry[]>();
    recent.add('video:1', ['a'], written.promise);
    written.reject(new Error('unavailable'));
    await settled();
    expect(recent.get('video:1', 'a')).toBeUndefined();
  });

  it('keeps a later entry with the same id if the first one fails', async () => {
    const recent = new RecentIds();
    const [first, second] = [deferred<readonly FoundEntry[]>(), deferred<readonly FoundEntry[]>()];
    recent.add('video:1', ['a'], first.promise);
    recent.add('video:1', ['a'], second.promise);
    first.reject(new Error('unavailable'));
    await settled();
    second.resolve([ENTRY]);
    expect(await recent.get('video:1', 'a')).toBe(ENTRY);
  });

  it('keeps a bounded number of entries that are done, the latest ones', async () => {
    const recent = new RecentIds();
    const done = Promise.resolve([ENTRY]);
    for (let at = 0; at <= MAX_RECENT_IDS; at++) recent.add('video:1', [`id-${at}`], done);
    await settled();
    expect(recent.get('video:1', 'id-0')).toBeUndefined();
    expect(recent.get('video:1', 'id-1')).toBe(ENTRY);
    expect(recent.get('video:1', `id-${MAX_RECENT_IDS}`)).toBe(ENTRY);
  });

  it('keeps an entry in flight whatever the number of later ones', async () => {
    const recent = new RecentIds();
    const written = deferred<readonly FoundEntry[]>();
    recent.add('video:1', ['a'], written.promise);
    const done = Promise.resolve([ENTRY]);
    for (let at = 0; at <= MAX_RECENT_IDS; at++) recent.add('video:1', [`id-${at}`], done);
    await settled();
    expect(recent.get('video:1', 'a')).toBeInstanceOf(Promise);
  });
});
