import { v7 } from 'uuid';
import { SILENT_MS } from '../../../dispatchers/owner/unstored-records';
import { logged, VIDEO } from '../../fixtures/records';
import { ORIGIN } from '../parts';
import { LIKE_ID, laterDatacenter, like, START } from './later-datacenter';

test('publishes each counted like, and a successor publishes it again', async () => {
  const { open } = laterDatacenter();
  const [a, b] = [v7({ msecs: START }), v7({ msecs: START })];
  const records = [like(0, a), like(1, a), like(2, b)];
  for (const partition of [open(), open()]) {
    const counted = (await partition.consume(records)).flatMap(
      (publication) => publication.counted,
    );
    expect(counted).toEqual([a, b]);
  }
});

test('publishes a like again that was stored late, before its position is done', async () => {
  const { clock, open } = laterDatacenter();
  const partition = open();
  await partition.consume([logged(0, { likeId: LIKE_ID, at: START })]);
  await clock.advance(SILENT_MS);
  await partition.checkpoint();
  const ids = (await partition.takeRepublished()).flatMap(({ counted }) => counted);
  expect(ids).toEqual([LIKE_ID]);
  expect(await partition.takeRepublished()).toEqual([]);
});

describe('an old id that a later datacenter also counted', () => {
  const OLD = 'an-old-id';
  const updateFromLater = (isReplay = false) => ({
    ...{ channel: VIDEO, t: START, origin: 'dc2.1', countedIds: [OLD, 'theirs'], isReplay },
    vector: { 'dc2.1': { version: 1, counts: { like: 2 } } },
  });

  it('is published again with the state of our log, but not for a replay', async () => {
    const { open } = laterDatacenter();
    const partition = open();
    await partition.consume([logged(0, { likeId: OLD, at: START })]);
    const { republished } = await partition.applyPeerUpdates([updateFromLater()]);
    expect(republished.map(({ counted }) => counted)).toEqual([[OLD]]);
    expect(republished[0]?.update.vector).toMatchObject({
      [ORIGIN]: { version: 0, counts: { like: 1 } },
    });
    expect((await partition.applyPeerUpdates([updateFromLater(true)])).republished).toEqual([]);
  });

  it('is refused while the store is unavailable, and can be repeated', async () => {
    const { open, store } = laterDatacenter();
    const partition = open();
    store.away = true;
    const refused = partition.applyPeerUpdates([updateFromLater()]);
    await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' });
    store.away = false;
    expect((await partition.applyPeerUpdates([updateFromLater()])).republished).toEqual([]);
  });
});
