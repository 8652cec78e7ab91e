import { RequestLimiter } from '../../adapters/cassandra/request-limiter';
import { EmbeddedGroup } from '../../adapters/embedded/group';
import type { StoredEntry } from '../../adapters/row-store';
import { channelKey, encodeSeveral, type Place, type Places } from '../../schemas/place';
import { range } from '../end-to-end/api';
import { FakeStore } from '../producers/parts';
import { ConsumerSwitch } from './consumer-switch';
import { EventIds } from './event-ids';
import { Gate } from './gate';
import { HalfDelivery } from './half-delivery';
import { HeldCalls } from './held-calls';
import { drawStep, MachineClock } from './machine-clock';
import { SimulatedProcess } from './process';
import { Seeded } from './seeded';
import { Servers } from './servers';
import { stepsBack } from './shown';
import { SimulatedDatabase } from './simulated-database';
import { MAX_REQUESTS_IN_FLIGHT, NO_LIMIT, SIMULATED_LIMITS, StoreClient } from './store-client';
import { StoreLink } from './store-link';
import { StoreReplica } from './store-replica';
import { VirtualClock } from './virtual-clock';
import { WINDOW_MS } from './window';

const DAY_MS = 24 * 3_600_000;

test("a machine's wall clock steps, its intervals do not", async () => {
  const time = new VirtualClock();
  const clock = new MachineClock(time, 150);
  const began = clock.monotonic();
  clock.step(-DAY_MS);
  expect(clock.now()).toBe(time.now() + 150 - DAY_MS);
  await time.advance(20);
  expect(clock.monotonic() - began).toBe(20);
  clock.step(0);
  expect(clock.now()).toBe(time.now() + 150);
});

test('steps are from a second to ten years, both ways, some as long as the window', () => {
  const random = new Seeded(1);
  const steps = range(1_000).map(() => drawStep(random));
  const sizes = steps.map(Math.abs);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1_000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(10 * 366 * DAY_MS);
  expect(share(steps, (ms) => ms < 0)).toBeCloseTo(1 / 2, 1);
  expect(share(sizes, (ms) => ms < 2 * WINDOW_MS)).toBeGreaterThan(1 / 3);
  expect(share(sizes, (ms) => ms > DAY_MS)).toBeGreaterThan(1 / 5);
});

test('a client resumes a channel that it left from its place at that time', () => {
  const ids = new EventIds();
  const idOf = (...totals: (readonly [string, number])[]) =>
    encodeSeveral(totals.map(([name, total]) => [channelKey(name), placeOf(total)]));
  const totalsOf = (places: Places) =>
    ['video:a', 'video:b'].map((name) => places.get(channelKey(name))?.get('likes')?.total);
  expect(ids.note('not an id')).toBeUndefined();
  ids.note(idOf(['video:a', 1], ['video:b', 1]));
  ids.leave('video:b');
  expect(ids.hasLeft('video:b')).toBe(true);
  ids.note(idOf(['video:a', 2]));
  expect(totalsOf(ids.join('video:b'))).toEqual([1, 1]);
  expect(totalsOf(ids.resume())).toEqual([2, 1]);
  ids.note(idOf(['video:a', 2], ['video:b', 5]));
  expect(totalsOf(ids.resume())).toEqual([2, 5]);
});

test('a vector steps back if an origin is older in it, or is missing', () => {
  expect(stepsBack('', 'dc1.1@0')).toBe(false);
  expect(stepsBack('dc1.1@3,dc2.1@4', 'dc1.1@3,dc2.1@5,dc3.1@0')).toBe(false);
  expect(stepsBack('dc1.1@3,dc2.1@4', 'dc1.1@9,dc2.1@3')).toBe(true);
  expect(stepsBack('dc1.1@3,dc2.1@4', 'dc1.1@9')).toBe(true);
});

test('calls are held for the given time, and the last delivery time is known', async () => {
  const clock = new VirtualClock();
  const held = new HeldCalls(clock, new Seeded(2));
  expect(held.delay()).toBe(0);
  held.hold(100, 18_000);
  const delays = range(50).map(() => held.delay());
  expect(Math.max(...delays)).toBeGreaterThan(12_000);
  expect(held.lastDeliveryAt).toBe(clock.monotonic() + Math.max(...delays));
  await clock.advance(100);
  expect(held.delay()).toBe(0);
});

test('a shut gate runs the waiting calls once it is open', async () => {
  const gate = new Gate();
  const done: number[] = [];
  const server = gate.to({ note: async (what: number) => void done.push(what) });
  gate.shut();
  const both = Promise.all([server.note(1), server.note(2)]);
  await Promise.resolve();
  expect(done).toEqual([]);
  gate.open();
  await both;
  await server.note(3);
  expect(done).toEqual([1, 2, 3]);
});

test('a store client refuses one request over its limit, and none behind the limiter', async () => {
  const likes = range(MAX_REQUESTS_IN_FLIGHT + 1).map((at) => like(`like-${at}`));
  const store = new FakeStore();
  const bare = new StoreClient(store, NO_LIMIT);
  await expect(bare.insert('video:a', likes)).rejects.toMatchObject({ code: 'store_unavailable' });
  await bare.insert('video:a', likes.slice(1));
  const limited = new StoreClient(store, new RequestLimiter(SIMULATED_LIMITS, new VirtualClock()));
  await Promise.all([limited.insert('video:a', likes), limited.insert('video:b', likes)]);
  const ids = likes.map(({ id }) => id);
  expect(await limited.find('video:b', ids)).toHaveLength(likes.length);
});

test('a crashed consumer reads nothing, and may lose its session', async () => {
  const clock = new VirtualClock();
  const servers = new Servers(clock, new Seeded(3), 'dc1.1');
  const crash = new ConsumerSwitch();
  const group = crash.group(new EmbeddedGroup(clock, 1));
  const log = crash.log(servers.log);
  expect(group.beat('member')).toEqual([0]);
  crash.crash(false);
  expect(() => log.read('likes', 0, 0, 1)).toThrow();
  await clock.advance(10_000);
  expect(group.beat('member')).toEqual([0]);
  expect(group.owns('member', 0)).toBe(false);
  crash.restart();
  expect(group.beat('member')).toEqual([0]);
  expect(group.owns('member', 0)).toBe(true);
  expect(log.read('likes', 0, 0, 1)).toEqual([]);
});

test('a store replica gets the writes of a cut link once it is mended', async () => {
  const clock = new VirtualClock();
  const replica = () => new StoreReplica(new SimulatedDatabase(clock, new Seeded(5)));
  const [here, there] = [replica(), replica()];
  const link = new StoreLink('dc1', 'dc2', there, clock, new Seeded(6));
  here.addLink(link);
  const write = (key: string) => Promise.all([here.write([{ key, value: 1 }]), clock.advance(100)]);
  await write('a');
  expect([here.get('a'), there.get('a')]).toEqual([1, 1]);
  link.cut();
  await write('b');
  expect([here.get('b'), there.get('b')]).toEqual([1, undefined]);
  link.mend();
  await clock.advance(100);
  expect(there.get('b')).toBe(1);
});

test('a dispatcher halts after one delivery, and loses the others until it resumes', async () => {
  const clock = new VirtualClock();
  const half = new HalfDelivery(clock);
  const delivered: string[] = [];
  const process = new SimulatedProcess('dispatcher', clock);
  const gateway = half.gatewayOf(process, {
    deliver: async ({ id }) => {
      delivered.push(id);
    },
  });
  const deliver = (id: string) => void gateway.deliver({ id, url: '' }, []);
  half.arm(1_000);
  deliver('first');
  deliver('second');
  expect(delivered).toEqual(['first']);
  expect(process.runs).toBe(false);
  await clock.advance(1_000);
  deliver('third');
  expect(process.runs).toBe(true);
  expect(delivered).toEqual(['first', 'third']);
});

test('Redis returns to a copy: states, memberships, digests and beats', async () => {
  const servers = new Servers(new VirtualClock(), new Seeded(5), 'dc1.1');
  let readies = 0;
  servers.onRedisReady(() => {
    readies += 1;
  });
  const worker = { id: 'ann', url: '' };
  const put = (version: number) =>
    servers.cache.put(new Map([['video:a', { likes: { 'dc1.1': { version, state: {} } } }]]));
  await servers.leases.renew(worker, 3);
  await servers.directory.change('ann', ['video:a'], []);
  await put(7);
  await servers.keepCopy();
  const digest = await servers.directory.digest('ann');
  await put(8);
  await servers.leases.renew(worker, 4);
  await servers.leases.renew({ id: 'bob', url: '' }, 1);
  await servers.directory.change('bob', ['video:a', 'video:b'], []);
  servers.goBack(0);
  expect(await servers.leases.all()).toEqual([{ worker, beat: 3 }]);
  expect(await servers.directory.watchers(['video:a', 'video:b'])).toEqual([['ann'], []]);
  expect(await servers.directory.digest('ann')).toEqual(digest);
  expect(servers.cache.feedsOf('video:a')).toEqual({
    likes: { 'dc1.1': { version: 7, state: {} } },
  });
  servers.goBack(1);
  expect([await servers.leases.all(), servers.cache.feedsOf('video:a')]).toEqual([[], undefined]);
  expect(readies).toBe(2);
});

test('a log that lost its tail appends at its new end', async () => {
  const clock = new VirtualClock();
  const servers = new Servers(clock, new Seeded(4), 'dc1.1');
  const entries = range(5).map((at) => ({ partition: 0, key: 'video:a', value: `${at}` }));
  await Promise.all([servers.log.append('likes', entries), clock.advance(10)]);
  expect(servers.loseTail('likes', 0, 2)).toBe(2);
  const [offsets] = await Promise.all([
    servers.log.append('likes', entries.slice(0, 1)),
    clock.advance(10),
  ]);
  expect(offsets).toEqual([3]);
  expect(servers.loseTail('likes', 0, 100)).toBe(3);
});

function like(id: string): StoredEntry {
  return { id, memberId: 'm', at: 1, body: { reaction: 'like' }, offset: 1 };
}

function placeOf(total: number): Place {
  return new Map([['likes', { total, versions: new Map([['dc1.1', total]]) }]]);
}

function share<Item>(items: readonly Item[], has: (item: Item) => boolean): number {
  return items.filter(has).length / items.length;
}
