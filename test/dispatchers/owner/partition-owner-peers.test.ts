import { PartitionOwner } from '../../../dispatchers/owner/partition-owner';
import { CrossDatacenterDuplicates } from '../../../dispatchers/peers/cross-datacenter-duplicates';
import { PeerPublisher } from '../../../dispatchers/peers/peer-publisher';
import { Peers } from '../../../dispatchers/peers/peers';
import { DedupeWindow } from '../../../schemas/dedupe-window';
import { settled } from '../../fixtures/deferred';
import { logged, VIDEO } from '../../fixtures/records';
import { FakeLog } from '../../producers/parts';
import { ground, ORIGIN, WINDOW_MS } from '../parts';

const OLD = 'an-old-id';

/** An update of a later datacenter that counted the same old id. */
const UPDATE = {
  ...{ channel: VIDEO, t: 1, origin: 'dc2.1', countedIds: [OLD], isReplay: false },
  vector: { 'dc2.1': { version: 1, counts: { like: 1 } } },
};

/** An owner whose log has the old id. */
async function owning() {
  const { clock, open, store } = ground();
  const log = new FakeLog();
  const failures: string[] = [];
  const failed = (doing: string): number => failures.push(doing);
  const publisher = new PeerPublisher({ log, origin: ORIGIN, clock, failed });
  const dedupe = new DedupeWindow(WINDOW_MS);
  const duplicates = new CrossDatacenterDuplicates({ origin: ORIGIN, log, store, clock, dedupe });
  const owner = new PartitionOwner({
    ...{ publisher, clock, failed },
    source: {
      start: async () => undefined,
      stop: async () => undefined,
      commit: async () => undefined,
      verifyEnd: async () => 0,
    },
    dispatch: { changed: () => undefined },
    open: (_, position) => open(position, new Peers({ duplicates, secret: 'secret' })),
  });
  owner.assigned(0, { done: 0, from: 0, end: 0 });
  await owner.records(0, [logged(0, { likeId: OLD, at: 1 })]);
  await settled();
  const countedIds = () => log.entries.map(({ value }) => JSON.parse(value).taken);
  return { publisher, clock, countedIds, failures, log, owner };
}

describe('a like that a later datacenter counted, too', () => {
  it('is in the log again before the update is done', async () => {
    const { countedIds, log, owner } = await owning();
    expect(countedIds()).toEqual([[OLD]]);
    await owner.applyPeerUpdates(0, [UPDATE]);
    expect(countedIds()).toEqual([[OLD], [OLD]]);
    expect(JSON.parse(log.entries[1]?.value ?? '')).toMatchObject({ origin: ORIGIN });
    await owner.applyPeerUpdates(0, [{ ...UPDATE, isReplay: true }]);
    expect(countedIds()).toHaveLength(2);
  });

  it('makes the update fail while the log is unavailable', async () => {
    const { clock, countedIds, failures, log, owner } = await owning();
    log.isUnavailable = true;
    const applied = owner.applyPeerUpdates(0, [UPDATE]);
    await expect(applied).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(failures).toEqual(['publish', 'apply peer updates']);
    log.isUnavailable = false;
    await clock.advance(1_000);
    await owner.applyPeerUpdates(0, [UPDATE]);
    expect(countedIds().flat().length).toBeGreaterThan(1);
  });

  it('makes the update fail while too many ids are pending', async () => {
    const { countedIds, log, owner, publisher } = await owning();
    log.isUnavailable = true;
    const counted = Array.from({ length: 100_001 }, (_, at) => `${at}`);
    publisher.publish([{ update: UPDATE, counted }]);
    await settled();
    const applied = owner.applyPeerUpdates(0, [UPDATE]);
    await expect(applied).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(countedIds()).toEqual([[OLD]]);
    publisher.close();
  });
});
