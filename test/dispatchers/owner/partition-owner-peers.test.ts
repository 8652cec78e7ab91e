import { EmbeddedCache } from '../../../adapters/embedded/state-cache';
import type { LogSource } from '../../../adapters/log-source';
import { Dispatch } from '../../../dispatchers/delivery/dispatch';
import { PartitionOwner } from '../../../dispatchers/owner/partition-owner';
import { CrossDatacenterDuplicates } from '../../../dispatchers/peers/cross-datacenter-duplicates';
import { PeerPublisher } from '../../../dispatchers/peers/peer-publisher';
import { Peers } from '../../../dispatchers/peers/peers';
import { DedupeWindow } from '../../../schemas/dedupe-window';
import type { Update } from '../../../schemas/delivery';
import { likes } from '../../../schemas/likes';
import { settled } from '../../fixtures/deferred';
import { logged, VIDEO } from '../../fixtures/records';
import { FakeLog } from '../../producers/parts';
import { counted, ground, ORIGIN, types, WINDOW_MS } from '../parts';

const OLD = 'an-old-id';

/** An update of a later datacenter that counted the same old id. */
const UPDATE = {
  ...{ channel: VIDEO, type: 'likes', t: 1, origin: 'dc2.1', countedIds: [OLD], isReplay: false },
  vector: { 'dc2.1': counted(1, { like: 1 }) },
};

function newerUpdate(version: number) {
  return { vector: { 'dc2.1': counted(version, { like: version }) } };
}

/** A source that delivers no records. */
const IDLE: LogSource = {
  start: async () => undefined,
  stop: async () => undefined,
  commit: async () => undefined,
  verifyEnd: async () => 0,
};

/** An owner, in datacenter `origin`, whose log has the old id. */
async function owning(origin = ORIGIN) {
  const { clock, open, store } = ground();
  const log = new FakeLog();
  const dispatched: Update[] = [];
  const failures: string[] = [];
  const failed = (doing: string): number => failures.push(doing);
  const publisher = new PeerPublisher({ type: likes, types, log, origin, clock, failed });
  const dedupe = new DedupeWindow(WINDOW_MS);
  const duplicates = new CrossDatacenterDuplicates({
    ...{ type: likes, origin, log, store, clock, dedupe, failed },
  });
  const owner = new PartitionOwner({
    ...{ type: likes, publisher, clock, failed },
    source: IDLE,
    dispatch: { changed: (updates) => dispatched.push(...updates) },
    open: (_, position) => open(position, new Peers({ duplicates, secret: 'secret', type: likes })),
  });
  owner.assigned(0, { done: 0, from: 0, end: 0 });
  await owner.records(0, [logged(0, { id: OLD, at: 1 })]);
  await settled();
  const countedIds = () => log.entries.map(({ value }) => JSON.parse(value).ids);
  return { publisher, clock, countedIds, dispatched, failures, log, owner, store };
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

test('updates after one with a like that the closed log cannot cancel are delivered', async () => {
  const { clock, dispatched, failures, log, owner, store } = await owning('dc3.1');
  const row = { id: OLD, memberId: 'ann', body: { reaction: 'like' }, at: 1, offset: 0 };
  await store.insert(VIDEO, [row]);
  dispatched.length = 0;
  log.refuses = true;
  await owner.applyPeerUpdates(0, [UPDATE]);
  await owner.applyPeerUpdates(0, [{ ...UPDATE, ...newerUpdate(2), countedIds: [] }]);
  expect(dispatched.map(({ vector }) => vector['dc2.1']?.version)).toEqual([1, 2]);
  expect(failures).toEqual(['cancel']);
  expect(owner.isCancelPending(0)).toBe(true);
  log.refuses = false;
  await clock.advance(2_000);
  const cancels = log.entries.map(({ value }) => JSON.parse(value).cancels);
  expect(cancels.filter((id) => id !== undefined)).toEqual([OLD]);
  expect(owner.isCancelPending(0)).toBe(false);
  expect(owner.isCancelPending(1)).toBe(true);
});

test('a successor caches an update that its predecessor could not cache', async () => {
  const { clock, open, states } = ground();
  const cache = new EmbeddedCache(types);
  let isUnavailable = true;
  const newOwner = () => {
    const failed = () => undefined;
    const dispatch = new Dispatch({
      ...{ types, clock, failed, outboxes: { add: () => undefined } },
      workers: { watching: async (channels) => channels.map(() => []) },
      cache: {
        get: (channels) => cache.get(channels),
        put: async (all) => {
          if (isUnavailable) throw new Error('unavailable');
          return cache.put(all);
        },
      },
    });
    const owner = new PartitionOwner({
      ...{ type: likes, clock, dispatch, failed, source: IDLE, open: (_, at) => open(at) },
    });
    owner.assigned(0, { done: 0, from: 0, end: 0 });
    return { owner, dispatch };
  };
  const first = newOwner();
  await first.owner.applyPeerUpdates(0, [UPDATE]);
  await clock.advance(0);
  first.dispatch.close();
  // The peer saved its state, and the first owner committed its position in the peer's topic.
  await states.save([
    { channel: VIDEO, type: 'likes', origin: 'dc2.1', ...counted(1, { like: 1 }) },
  ]);
  isUnavailable = false;
  await newOwner().owner.applyPeerUpdates(0, [{ ...UPDATE, isReplay: true }]);
  await clock.advance(0);
  expect((await cache.get([VIDEO])).get(VIDEO)).toMatchObject({ likes: UPDATE.vector });
});
