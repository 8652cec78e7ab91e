import type { Offsets } from '../../../adapters/row-store';
import {
  MAX_PENDING_DELETIONS,
  PendingDeletions,
} from '../../../dispatchers/peers/pending-deletions';
import { comments } from '../../../schemas/comments';
import { VIDEO } from '../../fixtures/records';
import { FakeLog } from '../../producers/parts';
import { comment, policy } from '../../schemas/policies/append-parts';
import { VirtualClock } from '../../simulation/virtual-clock';
import { ORIGIN } from '../parts';

function deleting() {
  const clock = new VirtualClock();
  const log = new FakeLog(comments);
  const store = { ours: new Set<string>(), lookUps: 0, offsets: offsetsOf };
  const deletions = new PendingDeletions({ type: comments, origin: ORIGIN, log, store, clock });
  /** The ids of the appended deletions. */
  const appended = () => log.entries.map(({ value }) => JSON.parse(value).deletes);
  const unstored = new Set<string>();
  const flush = () => deletions.flush((_, id) => unstored.has(id));
  return { appended, clock, deletions, flush, log, store, unstored };
}

/** A store that has the entries of our log. */
async function offsetsOf(
  this: { readonly ours: ReadonlySet<string>; lookUps: number },
  _: string,
  ids: readonly string[],
): Promise<Map<string, Offsets>> {
  this.lookUps += 1;
  const copy = { own: { offset: 1, body: {} }, isWithdrawn: false, elsewhere: [] };
  return new Map(ids.filter((id) => this.ours.has(id)).map((id) => [id, copy]));
}

/** The same as `vector`, but our state has evicted some entries. */
function evicted(own: readonly string[], deleted: readonly string[]) {
  const { [ORIGIN]: ours, ...others } = vector(own, deleted);
  return {
    ...others,
    [ORIGIN]: { version: 9, state: { ...policy.empty, ...ours?.state, floor: 3 } },
  };
}

/** Our comments, and the ids that a peer has deleted. */
function vector(own: readonly string[], deleted: readonly string[]) {
  let [ours, theirs] = [policy.empty, policy.empty];
  for (const [at, id] of own.entries()) ours = policy.fold(ours, comment(id), at);
  for (const [at, id] of deleted.entries()) theirs = policy.remove?.(theirs, id, at) ?? theirs;
  return { [ORIGIN]: { version: 9, state: ours }, 'dc2.1': { version: 9, state: theirs } };
}

describe('deletions of entries that our state has no longer', () => {
  it('are appended for entries that our state has no longer, as the store says', async () => {
    const { appended, deletions, flush, store } = deleting();
    store.ours.add('old');
    deletions.compare(VIDEO, evicted(['a'], ['old', 'foreign']));
    await flush();
    expect([appended(), deletions.isUnflushed]).toEqual([['old'], false]);
    deletions.compare(VIDEO, evicted(['a'], ['old', 'foreign']));
    await flush();
    expect([appended(), store.lookUps]).toEqual([['old'], 1]);
  });

  it('are appended once, although two calls append them at once', async () => {
    const { appended, deletions, flush, store } = deleting();
    store.ours.add('old').add('older');
    deletions.compare(VIDEO, evicted(['a'], ['old']));
    await Promise.all([flush(), flush()]);
    deletions.compare(VIDEO, evicted(['a'], ['older']));
    expect([appended(), deletions.isUnflushed]).toEqual([['old'], true]);
    await flush();
    expect([appended(), deletions.isUnflushed]).toEqual([['old', 'older'], false]);
  });

  it('are appended for an entry that our log has, and that is not stored yet', async () => {
    const { appended, deletions, flush, store, unstored } = deleting();
    unstored.add('counted');
    deletions.compare(VIDEO, evicted(['a'], ['counted']));
    await flush();
    expect([appended(), store.lookUps]).toEqual([['counted'], 0]);
  });

  it('are appended for an entry that our log has later than it was looked up', async () => {
    const { appended, deletions, flush } = deleting();
    deletions.compare(VIDEO, evicted(['a'], ['late']));
    await flush();
    deletions.compare(VIDEO, evicted(['a', 'late'], ['late']));
    await flush();
    expect(appended()).toEqual(['late']);
  });
});

describe('the ids that a peer has deleted', () => {
  const heard = { channel: VIDEO, origin: 'dc2.1', deletedIds: ['old', 'foreign'] };

  it('are looked up, although no state has their deletions', async () => {
    const { appended, deletions, flush, store } = deleting();
    store.ours.add('old');
    deletions.hear({ ...heard, isReplay: false }, evicted(['a'], []));
    await flush();
    deletions.deleted(VIDEO, 'old');
    deletions.hear({ ...heard, isReplay: false }, evicted(['a'], []));
    await flush();
    expect([appended(), store.lookUps]).toEqual([['old'], 1]);
  });

  it('are not looked up again by a new owner, which remembers them', async () => {
    const { appended, deletions, flush, store } = deleting();
    deletions.hear({ ...heard, isReplay: true }, evicted(['a'], []));
    deletions.counted(VIDEO, 'foreign');
    await flush();
    expect([appended(), store.lookUps]).toEqual([['foreign'], 0]);
  });
});

describe('deletions of entries that our log has later', () => {
  it.each([
    ['nothing', { 'dc2.1': vector([], ['late', 'foreign'])['dc2.1'] }],
    ['all its entries', vector(['a'], ['late', 'foreign'])],
    ['evicted some', evicted(['a'], ['late', 'foreign'])],
  ])('are remembered, if our state has %s', async (_, states) => {
    const { appended, deletions, flush } = deleting();
    deletions.compare(VIDEO, states);
    await flush();
    expect(appended()).toEqual([]);
    deletions.counted(VIDEO, 'late');
    deletions.counted(VIDEO, 'other');
    expect(deletions.isUnflushed).toBe(true);
    await flush();
    expect([appended(), deletions.isUnflushed]).toEqual([['late'], false]);
  });

  it('are appended without a look-up if the entry came before it', async () => {
    const { appended, deletions, flush, store } = deleting();
    deletions.compare(VIDEO, evicted(['a'], ['late']));
    deletions.counted(VIDEO, 'late');
    await flush();
    expect([appended(), store.lookUps]).toEqual([['late'], 0]);
  });

  it('are repeated if our log had the deletion before the entry', async () => {
    const { appended, deletions, flush } = deleting();
    deletions.deleted(VIDEO, 'late');
    deletions.counted(VIDEO, 'late');
    await flush();
    expect(appended()).toEqual(['late']);
  });
});

describe('deletions of a peer', () => {
  it('are appended to our log for entries that it has, once', async () => {
    const { appended, clock, deletions, flush, log } = deleting();
    deletions.compare(VIDEO, vector(['a', 'b'], ['b', 'unknown']));
    expect(deletions.isUnflushed).toBe(true);
    await flush();
    expect(deletions.isUnflushed).toBe(false);
    deletions.compare(VIDEO, vector(['a', 'b'], ['b']));
    await flush();
    expect(appended()).toEqual(['b']);
    const at = clock.now();
    expect(JSON.parse(log.entries[0]?.value ?? '')).toEqual({
      deletes: 'b',
      memberId: 'dc2.1',
      at,
    });
    expect(log.entries[0]?.key).toBe(VIDEO);
  });

  it('wait while the log is unavailable or closed', async () => {
    const { appended, deletions, flush, log } = deleting();
    deletions.compare(VIDEO, vector(['a'], ['a']));
    log.isUnavailable = true;
    await expect(flush()).rejects.toMatchObject({ code: 'log_unavailable' });
    log.isUnavailable = false;
    log.isClosed = true;
    await flush();
    expect(deletions.isUnflushed).toBe(true);
    log.isClosed = false;
    await flush();
    expect([appended(), deletions.isUnflushed]).toEqual([['a'], false]);
  });

  it('do not wait once our log has them', async () => {
    const { appended, deletions, flush } = deleting();
    deletions.compare(VIDEO, vector(['a'], ['a']));
    deletions.deleted(VIDEO, 'a');
    deletions.deleted(VIDEO, 'other');
    expect(deletions.isUnflushed).toBe(false);
    await flush();
    expect(appended()).toEqual([]);
  });

  it('are full beyond a bound', () => {
    const { deletions } = deleting();
    for (let at = 0; deletions.isFull === false && at <= MAX_PENDING_DELETIONS; at++) {
      deletions.compare(`video:${at}`, vector(['a'], ['a']));
    }
    expect(deletions.isFull).toBe(true);
  });

  it('that are appended do not stop the records that end them', async () => {
    const { deletions, flush } = deleting();
    for (let at = 0; at < MAX_PENDING_DELETIONS; at++) {
      deletions.compare(`video:${at}`, vector(['a'], ['a']));
    }
    expect([deletions.isFull, deletions.isStuck]).toEqual([true, true]);
    await flush();
    expect([deletions.isFull, deletions.isStuck]).toEqual([true, false]);
    deletions.deleted('video:0', 'a');
    expect(deletions.isFull).toBe(false);
  });
});
