import { v7 } from 'uuid';
import { Doubles } from '../../dispatchers/doubles';
import { named } from '../../dispatchers/log-event';
import type { Told } from '../../schemas/broadcast';
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
  const doubles = new Doubles({ origin, log, store, clock, windowMs: WINDOW_MS });
  const young = (): string => v7({ msecs: clock.now() });
  const ours = new Set<string>();
  const hear = (likeId: string, from = 'dc1.1') => {
    const told: Told = { channel: VIDEO, vector: {}, t: clock.now(), origin: from, taken: {} };
    return doubles.hear(told, [like(likeId, 'love')], (theirs) => ours.has(theirs.likeId));
  };
  const cancelled = () =>
    log.entries.map(({ value }) => {
      const { cancels, reaction } = JSON.parse(value);
      return [cancels, reaction];
    });
  return { cancelled, clock, doubles, hear, log, ours, store, young };
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
    store.rows.set(`${VIDEO}/${theirs}`, { ...row, likeId: theirs, offset: undefined });
    await clock.advance(2 * WINDOW_MS);
    await hear(theirs);
    await hear(ours);
    await doubles.flush();
    expect(cancelled()).toEqual([[ours, 'love']]);
  });

  it('asks the store for no young id', async () => {
    const { hear, store, young } = ground();
    await hear(young());
    expect(store.lookUps).toEqual([]);
  });

  it('is found while the store is asked for it', async () => {
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

  it('is taken back once the log is there again', async () => {
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
