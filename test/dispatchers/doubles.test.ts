import { v7 } from 'uuid';
import { Doubles, type Named } from '../../dispatchers/doubles';
import { named } from '../../dispatchers/log-event';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { deferred } from '../fixtures/deferred';
import { VIDEO } from '../fixtures/records';
import { FakeLog, FakeStore } from '../producers/parts';
import { VirtualClock } from '../simulation/virtual-clock';

const WINDOW_MS = 120_000;

const like = (likeId: string, reaction = 'like') => named('secret', VIDEO, likeId, reaction);

/** Doubles of `dc2.1`, and what it has in its log. */
function ground(origin = 'dc2.1') {
  const clock = new VirtualClock();
  const [log, store] = [new FakeLog(), new FakeStore()];
  const dedupe = new DedupeWindow(WINDOW_MS);
  const doubles = new Doubles({ origin, log, store, clock, dedupe });
  const young = (): string => v7({ msecs: clock.now() });
  const ours = new Set<string>();
  const takenBack = new Set<string>();
  const owed = new Set<string>();
  const own = {
    isRead: true,
    get now() {
      return { logTime: clock.now(), monotonic: clock.monotonic() };
    },
    lookUpUntil: 0,
    isDefinite({ made }: Named): boolean {
      const now = clock.now();
      return now >= this.lookUpUntil && now < dedupe.rememberUntil(made);
    },
    has: (theirs: Named) => ours.has(theirs.likeId),
    owes: (theirs: Named) => owed.has(theirs.likeId),
    hasTakenBack: (theirs: Named) => takenBack.has(theirs.likeId),
  };
  const hear = (likeId: string, from = 'dc1.1') => {
    const heard = { ...like(likeId, 'love'), origin: from, isAgain: false };
    return doubles.hear(VIDEO, [heard], own);
  };
  const cancelled = () =>
    log.entries.map(({ value }) => {
      const { cancels, reaction } = JSON.parse(value);
      return [cancels, reaction];
    });
  return { cancelled, clock, doubles, hear, log, ours, owed, own, store, takenBack, young };
}

describe('an id that an earlier datacenter has taken, too', () => {
  it('is taken back when our log has it already', async () => {
    const { cancelled, doubles, hear, ours, young } = ground();
    const likeId = young();
    ours.add(likeId);
    await hear(likeId);
    await doubles.flush();
    expect(cancelled()).toEqual([[likeId, 'love']]);
    expect(doubles.size).toBe(0);
  });

  it('is taken back when our log has it later', async () => {
    const { cancelled, doubles, hear, young } = ground();
    const likeId = young();
    await hear(likeId);
    await doubles.flush();
    expect(cancelled()).toEqual([]);
    doubles.counted(like(likeId));
    await doubles.flush();
    expect(cancelled()).toEqual([[likeId, 'like']]);
  });

  it('is taken back when we hear of it long after, from what the store says', async () => {
    const { cancelled, clock, doubles, hear, store, young } = ground();
    const [ours, theirs] = [young(), young()];
    const row = { videoId: '42', memberId: 'ann', reaction: 'love', at: clock.now() };
    await store.insert(VIDEO, [{ ...row, likeId: ours, offset: 3 }]);
    await clock.advance(2 * WINDOW_MS);
    await hear(theirs);
    await hear(ours);
    await doubles.flush();
    expect(cancelled()).toEqual([[ours, 'love']]);
  });
});

describe('an id that the window cannot tell of', () => {
  it('is not asked of the store while it is young', async () => {
    const { hear, store, young } = ground();
    await hear(young());
    expect(store.lookUps).toEqual([]);
  });

  it('is not taken back once more when we hear of it again', async () => {
    const { clock, doubles, hear, ours, store, takenBack, young } = ground();
    const likeId = young();
    ours.add(likeId);
    takenBack.add(likeId);
    await hear(likeId);
    ours.clear();
    takenBack.clear();
    const row = { videoId: '42', memberId: 'ann', reaction: 'love', at: clock.now() };
    await store.insert(VIDEO, [{ ...row, likeId, offset: 3 }]);
    await store.withdraw(VIDEO, [likeId]);
    await clock.advance(2 * WINDOW_MS);
    await hear(likeId);
    expect(doubles.size).toBe(0);
  });

  it('is asked of the store, however young, by who has not read our log yet', async () => {
    const { cancelled, clock, doubles, hear, ours, own, store, young } = ground();
    own.isRead = false;
    const [stored, read] = [young(), young()];
    ours.add(read);
    const row = { videoId: '42', memberId: 'ann', reaction: 'love', at: clock.now() };
    await store.insert(VIDEO, [{ ...row, likeId: stored, offset: 3 }]);
    await hear(stored);
    await hear(read);
    await doubles.flush();
    expect(cancelled()).toEqual([[stored, 'love']]);
  });

  it('is taken back when the store is yet to hear that we have it, unless we have done so', async () => {
    const { cancelled, clock, doubles, hear, owed, store, young } = ground();
    const [unstored, withdrawn] = [young(), young()];
    owed.add(unstored).add(withdrawn);
    await store.insert(VIDEO, [
      { videoId: '42', memberId: 'ann', reaction: 'love', at: 1, likeId: withdrawn, offset: 3 },
    ]);
    await store.withdraw(VIDEO, [withdrawn]);
    await clock.advance(2 * WINDOW_MS);
    await hear(unstored);
    await hear(withdrawn);
    await doubles.flush();
    expect(cancelled()).toEqual([[unstored, 'love']]);
  });

  it('is asked of the store, however young, where ids were ahead of the clock', async () => {
    const { cancelled, clock, doubles, hear, own, store, young } = ground();
    own.lookUpUntil = clock.now() + 1;
    const likeId = young();
    const row = { videoId: '42', memberId: 'ann', reaction: 'love', at: clock.now() };
    await store.insert(VIDEO, [{ ...row, likeId, offset: 3 }]);
    await hear(likeId);
    await doubles.flush();
    expect(cancelled()).toEqual([[likeId, 'love']]);
  });

  it('is taken back where the store says that the earlier one has it', async () => {
    const { doubles, young } = ground();
    doubles.counted(like(young()), ['dc3.1']);
    expect(doubles.size).toBe(0);
    doubles.counted(like(young()), ['dc3.1', 'dc1.1']);
    expect(doubles.size).toBe(1);
  });
});

describe('noted doubles', () => {
  it('are found while the store is asked for them', async () => {
    const { cancelled, doubles, hear, store } = ground();
    const { promise, resolve } = deferred<void>();
    store.until = promise;
    const heard = hear('not-a-uuid');
    doubles.counted(like('not-a-uuid'));
    resolve();
    await heard;
    await doubles.flush();
    expect(cancelled()).toEqual([['not-a-uuid', 'like']]);
  });

  it('are taken back once the log is there again', async () => {
    const { cancelled, doubles, hear, log, ours, young } = ground();
    const likeId = young();
    ours.add(likeId);
    await hear(likeId);
    log.away = true;
    await expect(doubles.flush()).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(doubles.size).toBe(1);
    log.away = false;
    await doubles.flush();
    expect(cancelled()).toHaveLength(1);
  });
});

describe('an id that a later datacenter has taken, too', () => {
  it.each(['dc3.1', 'dc2.2'])('stays: %s takes it back, or has it as our own', async (other) => {
    const { doubles, hear, ours, young } = ground();
    const likeId = young();
    ours.add(likeId);
    await hear(likeId, other);
    doubles.counted(like(likeId));
    expect(doubles.size).toBe(0);
  });
});
