import { v7 } from 'uuid';
import { SILENT_MS } from '../../../dispatchers/owner/unstored-records';
import { deferred } from '../../fixtures/deferred';
import { logged, VIDEO } from '../../fixtures/records';
import { counted, ground, ORIGIN } from '../parts';
import { LIKE, later, like, START } from './peer-parts';

test('publishes each counted like, and again as a successor before it is done', async () => {
  const { open } = later();
  const [a, b] = [v7({ msecs: START }), v7({ msecs: START })];
  const records = [like(0, a), like(1, a), like(2, b)];
  for (const partition of [open(), open()]) {
    const counted = (await partition.consume(records)).flatMap(
      (publication) => publication.counted,
    );
    expect(counted).toEqual([a, b]);
  }
});

test('publishes a like again that was stored late, once', async () => {
  const { clock, open } = later();
  const partition = open();
  await partition.consume([logged(0, { id: LIKE, at: START })]);
  await clock.advance(SILENT_MS);
  const { republished } = await partition.checkpoint();
  expect(republished.flatMap(({ counted }) => counted)).toEqual([LIKE]);
  expect((await partition.checkpoint()).republished).toEqual([]);
});

test('a checkpoint without peers does not wait for records that are being consumed', async () => {
  const { open, states } = ground();
  const partition = open();
  await partition.consume([like(0)]);
  const { promise, resolve } = deferred();
  states.loadUntil = promise;
  const consumed = partition.consume([{ ...like(1, 'other'), key: 'video:43' }]);
  expect(await partition.checkpoint()).toMatchObject({ republished: [] });
  resolve();
  await consumed;
});

describe('an old id that a later datacenter counted, too', () => {
  const OLD = 'an-old-id';
  const updateOfLater = (isReplay = false) => ({
    ...{ channel: VIDEO, type: 'likes', t: START, origin: 'dc2.1', isReplay },
    countedIds: [OLD, 'theirs'],
    vector: { 'dc2.1': counted(1, { like: 2 }) },
  });

  it('is published again with the state of our log, and not for a replay', async () => {
    const { open } = later();
    const partition = open();
    await partition.consume([logged(0, { id: OLD, at: START })]);
    const { republished } = await partition.applyPeerUpdates([updateOfLater()]);
    expect(republished.map(({ counted }) => counted)).toEqual([[OLD]]);
    expect(republished[0]?.update.vector).toMatchObject({
      [ORIGIN]: counted(0, { like: 1 }),
    });
    expect((await partition.applyPeerUpdates([updateOfLater(true)])).republished).toEqual([]);
  });

  it('is rejected while the store is unavailable, and applied later', async () => {
    const { open, store } = later();
    const partition = open();
    store.isUnavailable = true;
    const applied = partition.applyPeerUpdates([updateOfLater()]);
    await expect(applied).rejects.toMatchObject({ code: 'store_unavailable' });
    store.isUnavailable = false;
    expect((await partition.applyPeerUpdates([updateOfLater()])).republished).toEqual([]);
  });
});
