import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Datacenters } from '../../compose/native/datacenters';
import { freshId } from '../contract/time';
import { eventually } from '../end-to-end/api';
import { MomentSite } from './moment-site';

const START_MS = 300_000;
const TEST_MS = 180_000;
/** The contract has 3 s; tests that run beside this one take time, too. */
const SOON_MS = 10_000;
/** MirrorMaker's own start, and a rotation of all repeated values. */
const LINKED_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'likestream-moments-'));
const datacenters = new Datacenters({ folder, names: ['dc1', 'dc2'] });
let here: MomentSite;
let there: MomentSite;

beforeAll(async () => {
  await datacenters.start();
  here = new MomentSite('dc1', 'dc2', datacenters.addresses('dc1'));
  there = new MomentSite('dc2', 'dc1', datacenters.addresses('dc2'));
  await Promise.all([here.start(), there.start()]);
}, START_MS);

afterAll(async () => {
  await Promise.allSettled([here?.end(), there?.end()]);
  await datacenters.reset();
  rmSync(folder, { recursive: true, force: true });
}, START_MS);

afterEach(() => {
  const failures = [here, there].map((site) => site.failures.splice(0));
  if (failures.flat().length > 0) process.stderr.write(`${JSON.stringify(failures)}\n`);
});

/** The last height of a wave; each has another one. */
let height = 1_000;

/** Waits until moments of both datacenters reach each other. */
async function linked(): Promise<void> {
  const channel = `video:${freshId()}`;
  await Promise.all([here.watch(channel), there.watch(channel)]);
  for (const [from, to] of [
    [here, there],
    [there, here],
  ] as const) {
    height += 1;
    const mine = height;
    await eventually(async () => {
      await from.wave(channel, mine);
      expect(to.moments.map(({ ann }) => ann?.state)).toContain(mine);
    }, LINKED_MS);
  }
}

test(
  'a moment is passed on in both datacenters',
  async () => {
    await linked();
    const channel = `video:${freshId()}`;
    await Promise.all([here.watch(channel), there.watch(channel)]);
    await here.wave(channel, 42);
    await eventually(() => {
      for (const site of [here, there]) {
        expect(site.moments.map(({ ann }) => ann?.state)).toContain(42);
      }
    }, SOON_MS);
  },
  TEST_MS,
);

test(
  'values of both datacenters are joined in both, after each change',
  async () => {
    await linked();
    const channel = `video:${freshId()}`;
    await Promise.all([here.watch(channel), there.watch(channel)]);
    const both = (value: number) =>
      eventually(() => {
        for (const site of [here, there]) expect(site.value(channel, 'watching')).toBe(value);
      }, SOON_MS);
    await here.report(channel, 'watching', 3);
    await both(3);
    await there.report(channel, 'watching', 4);
    await both(7);
    await here.report(channel, 'watching', 1);
    await both(5);
    await here.report(channel, 'watching');
    await both(4);
  },
  TEST_MS,
);

test(
  'a cut link hides the values of the other datacenter, except lasting ones, until it is back',
  async () => {
    await linked();
    const channel = `video:${freshId()}`;
    await there.watch(channel);
    await here.report(channel, 'watching', 3);
    await here.report(channel, 'lasting', 5);
    await there.report(channel, 'watching', 4);
    await eventually(() => expect(there.value(channel, 'watching')).toBe(7), SOON_MS);
    await eventually(() => expect(there.value(channel, 'lasting')).toBe(5), SOON_MS);
    await datacenters.mirror.kill();
    const cutAt = performance.now();
    await eventually(() => expect(there.value(channel, 'watching')).toBe(4), 40_000);
    const hiddenMs = performance.now() - cutAt;
    // A busy machine reads beats too seldom, and counts anew.
    expect(hiddenMs).toBeGreaterThan(13_000);
    expect(there.value(channel, 'lasting')).toBe(5);
    await datacenters.link();
    await linked();
    await eventually(() => expect(there.value(channel, 'watching')).toBe(7), 2 * SOON_MS);
    expect(there.value(channel, 'lasting')).toBe(5);
  },
  TEST_MS,
);

test(
  "the values of the other datacenter are back after the loss of Redis's data",
  async () => {
    await linked();
    const channel = `video:${freshId()}`;
    await here.report(channel, 'watching', 3);
    await there.watch(channel);
    await there.report(channel, 'watching', 4);
    await eventually(() => expect(there.value(channel, 'watching')).toBe(7), SOON_MS);
    const redis = new Redis(datacenters.addresses('dc2').redis);
    await redis.flushall();
    redis.disconnect();
    // As the worker does when it finds unequal buckets.
    await there.watch(channel);
    await there.report(channel, 'watching', 5);
    await eventually(() => expect(there.value(channel, 'watching')).toBe(8), 2 * SOON_MS);
  },
  TEST_MS,
);
