import { Broadcast } from '../../dispatchers/broadcast';
import { Consumer } from '../../dispatchers/consume';
import { Dispatch } from '../../dispatchers/dispatch';
import { Doubles } from '../../dispatchers/doubles';
import { EmbeddedCache } from '../../dispatchers/embedded-cache';
import { Peers } from '../../dispatchers/peers';
import type { Source } from '../../dispatchers/source';
import { DedupeWindow } from '../../schemas/dedupe-window';
import type { Update } from '../../schemas/delivery';
import type { State } from '../../schemas/state';
import { settled } from '../fixtures/deferred';
import { logged, VIDEO } from '../fixtures/records';
import { FakeLog } from '../producers/parts';
import { ground, ORIGIN, WINDOW_MS } from './parts';

const OLD = 'an-old-id';

/** An update of a later datacenter that counted the same old id. */
const UPDATE = {
  ...{ channel: VIDEO, t: 1, origin: 'dc2.1', taken: [OLD], isAgain: false },
  vector: { 'dc2.1': { version: 1, counts: { like: 1 } } },
};

function newerUpdate(version: number) {
  return { vector: { 'dc2.1': { version, counts: { like: version } } } };
}

/** A source that brings nothing by itself. */
const IDLE: Source = {
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
  const broadcast = new Broadcast({ log, origin, clock, failed });
  const dedupe = new DedupeWindow(WINDOW_MS);
  const doubles = new Doubles({ origin, log, store, clock, dedupe, failed });
  const consumer = new Consumer({
    ...{ broadcast, clock, failed },
    source: IDLE,
    dispatch: { changed: (updates) => dispatched.push(...updates) },
    open: (_, position) => open(position, new Peers({ doubles, secret: 'secret' })),
  });
  consumer.assigned(0, { done: 0, from: 0, end: 0 });
  await consumer.records(0, [logged(0, { likeId: OLD, at: 1 })]);
  await settled();
  const taken = () => log.entries.map(({ value }) => JSON.parse(value).taken);
  return { broadcast, clock, consumer, dispatched, failures, log, store, taken };
}

describe('a like that a later datacenter counted, too', () => {
  it('is in the log again before the update that told of it is done', async () => {
    const { consumer, log, taken } = await owning();
    expect(taken()).toEqual([[OLD]]);
    await consumer.told(0, [UPDATE]);
    expect(taken()).toEqual([[OLD], [OLD]]);
    expect(JSON.parse(log.entries[1]?.value ?? '')).toMatchObject({ origin: ORIGIN });
    await consumer.told(0, [{ ...UPDATE, isAgain: true }]);
    expect(taken()).toHaveLength(2);
  });

  it('has the update offered again while the log is away', async () => {
    const { clock, consumer, failures, log, taken } = await owning();
    log.away = true;
    const told = consumer.told(0, [UPDATE]);
    await expect(told).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(failures).toEqual(['broadcast', 'hear']);
    log.away = false;
    await clock.advance(1_000);
    await consumer.told(0, [UPDATE]);
    expect(taken().flat().length).toBeGreaterThan(1);
  });

  it('waits if too many ids wait to be published', async () => {
    const { broadcast, consumer, log, taken } = await owning();
    log.away = true;
    const counted = Array.from({ length: 100_001 }, (_, at) => `${at}`);
    broadcast.changed([{ update: UPDATE, counted }]);
    await settled();
    const told = consumer.told(0, [UPDATE]);
    await expect(told).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(taken()).toEqual([[OLD]]);
    broadcast.close();
  });
});

test('updates after one with a like that the closed log cannot cancel are delivered', async () => {
  const { clock, consumer, dispatched, failures, log, store } = await owning('dc3.1');
  const row = { likeId: OLD, videoId: '42', memberId: 'ann', reaction: 'like', at: 1, offset: 0 };
  await store.insert(VIDEO, [row]);
  dispatched.length = 0;
  log.refuses = true;
  await consumer.told(0, [UPDATE]);
  await consumer.told(0, [{ ...UPDATE, ...newerUpdate(2), taken: [] }]);
  expect(dispatched.map(({ vector }) => vector['dc2.1']?.version)).toEqual([1, 2]);
  expect(failures).toEqual(['cancel']);
  expect(consumer.isCancelPending(0)).toBe(true);
  log.refuses = false;
  await clock.advance(2_000);
  const cancels = log.entries.map(({ value }) => JSON.parse(value).cancels);
  expect(cancels.filter((id) => id !== undefined)).toEqual([OLD]);
  expect(consumer.isCancelPending(0)).toBe(false);
  expect(consumer.isCancelPending(1)).toBe(true);
});

test('an update of a peer that its owner could not cache before it died is cached by the next', async () => {
  const { clock, open, states } = ground();
  const cache = new EmbeddedCache();
  let isUnavailable = true;
  const owner = () => {
    const failed = () => undefined;
    const dispatch = new Dispatch({
      ...{ clock, failed, outboxes: { add: () => undefined } },
      workers: { watching: async (channels) => channels.map(() => []) },
      cache: {
        get: (channels) => cache.get(channels),
        put: async (all) => {
          if (isUnavailable) throw new Error('away');
          await cache.put(all);
        },
      },
    });
    const consumer = new Consumer({
      ...{ clock, dispatch, failed, source: IDLE, open: (_, at) => open(at) },
    });
    consumer.assigned(0, { done: 0, from: 0, end: 0 });
    return { consumer, dispatch };
  };
  const first = owner();
  await first.consumer.told(0, [UPDATE]);
  first.dispatch.close();
  // The peer saved its state, and the first owner committed its position in the peer's topic.
  const state: State = { channel: VIDEO, origin: 'dc2.1', version: 1, counts: { like: 1 } };
  states.cells.set(`${VIDEO}/dc2.1`, state);
  isUnavailable = false;
  await owner().consumer.told(0, [{ ...UPDATE, isAgain: true }]);
  await settled();
  expect((await cache.get([VIDEO])).get(VIDEO)).toMatchObject(UPDATE.vector);
});
