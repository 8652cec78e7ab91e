import { Keys, leasedName } from '../../adapters/redis/keys';
import { bucketOf } from '../../schemas/digest';
import { Names } from '../../schemas/names';
import {
  asTests,
  type ContributionsFixture,
  digestWith,
  report,
  TURNS,
  valuesIn,
  versionIn,
} from './contributions-support';
import { levels } from './leased-types';
import type { RedisFixture } from './redis-keys.contract';

const keys = new Keys(new Names());

/** Two workers with a value of one feed, whose state is cached. */
async function reported(fixture: ContributionsFixture) {
  const tests = asTests(fixture);
  const [ann, bob] = [tests.worker(), tests.worker()];
  const one = report({ value: 2 });
  const other = report({ channel: one.channel, value: 3 });
  await tests.join(ann, one.channel);
  await tests.publish(await tests.report(ann, [one]));
  await tests.publish(await tests.report(bob, [other]));
  const feed = { channel: one.channel, type: levels.name };
  const held = keys.held(bucketOf(one.channel), ann);
  return { ...tests, ann, bob, one, other, held, leased: keys.leased(feed) };
}

/** The contract of contributions in Redis: losses of single keys, and expiry. */
export function describeContributionLosses(
  open: () => RedisFixture,
  fixture: () => Promise<ContributionsFixture>,
): void {
  describe('contributions in Redis', () => {
    it('are in the digest again after the next report, if the worker’s key is lost', async () => {
      const { ann, bob, digest, held, one, other, report: send } = await reported(await fixture());
      await open().admin.del(held);
      expect(await digest(ann)).toEqual(digestWith([], []));
      const changed = await send(bob, [{ ...other, number: other.number + 1, value: 4 }]);
      expect(valuesIn(changed)).toEqual({ [ann]: 2, [bob]: 4 });
      // The channel itself is missing, so the bucket is unequal.
      expect(await digest(ann)).toEqual(digestWith([], [one]));
    });

    it.each(['7 5 {', 'nothing', '7'])(
      'leave a corrupt value out, %j, until its worker reports again',
      async (corrupt) => {
        const { ann, bob, leased, one, other, report: send } = await reported(await fixture());
        await open().admin.hset(leased, ann, corrupt);
        const changed = await send(bob, [{ ...other, number: other.number + 1, value: 4 }]);
        expect(valuesIn(changed)).toEqual({ [bob]: 4 });
        const again = await send(ann, [{ ...one, number: one.number + 8, value: 1 }]);
        expect(valuesIn(again)).toEqual({ [ann]: 1, [bob]: 4 });
      },
    );

    it('are removed with their worker even if its key was lost before', async () => {
      const { ann, bob, held, other, remove, report: send } = await reported(await fixture());
      await open().admin.del(held);
      expect(await remove(ann, 5, [levels.name])).toEqual([]);
      await send(bob, [{ ...other, number: other.number + 1, value: 4 }]);
      expect(valuesIn(await remove(ann, 5, [levels.name]))).toEqual({ [bob]: 4 });
    });

    it('make the digest unequal within 8 renewals if the key of the feed is lost', async () => {
      const {
        ann,
        bob,
        digest,
        leased,
        one,
        other,
        report: send,
      } = await reported(await fixture());
      await open().admin.del(leased);
      const changed = await send(bob, [{ ...other, number: other.number + 1, value: 4 }]);
      expect(valuesIn(changed)).toEqual({ [bob]: 4 });
      for (const turn of TURNS) await digest(ann, turn);
      const found = await digest(ann);
      expect(found).not.toEqual(digestWith([[one.channel, { [levels.name]: 3 }]], [one]));
      const mended = await send(ann, [one], [bucketOf(one.channel)]);
      expect(valuesIn(mended)).toEqual({ [ann]: 2, [bob]: 4 });
    });

    it('continue above the cached version, with a new life, if the key is lost', async () => {
      const tests = await reported(await fixture());
      const { ann, leased, one, publish, read, report: send } = tests;
      const [before] = await read(one.channel);
      await open().admin.del(leased);
      const again = await publish(await send(ann, [one]));
      expect(versionIn(again)).toBe(3);
      expect(again[0]).toMatchObject({ isNew: true, values: new Map([[ann, 2]]) });
      expect(again[0]?.life).not.toBe(before?.life);
    });

    it('say to all reporters of a bucket that it has lost feeds, for some seconds', async () => {
      const { ann, bob, held, leased, one, other, report: send } = await reported(await fixture());
      const seen = { ...one, seen: 2 };
      await open().admin.del(leased, held);
      expect((await send(ann, [seen]))[0]).toMatchObject({ isNew: true, isLost: true });
      const newer = { ...other, number: other.number + 1, value: 4 };
      expect((await send(bob, [newer]))[0]).toMatchObject({ isNew: false, isLost: true });
      const marker = `${keys.leasedPrefix(bucketOf(one.channel))}!`;
      expect(await open().admin.pttl(marker)).toBeGreaterThan(0);
      await open().admin.del(marker);
      const newest = { ...newer, number: newer.number + 1, value: 5 };
      expect((await send(bob, [newest]))[0]).toMatchObject({ isLost: false });
    });

    describeExpiry(open, fixture);
  });
}

function describeExpiry(
  open: () => RedisFixture,
  fixture: () => Promise<ContributionsFixture>,
): void {
  it('are forgotten once the version without a withdrawn value is cached', async () => {
    const { ann, digest, held, one, publish, report: send } = await reported(await fixture());
    const withdrawn = { ...one, number: one.number + 8, value: undefined };
    const changed = await send(ann, [withdrawn]);
    for (const turn of TURNS) await digest(ann, turn);
    expect(Object.keys(await open().admin.hgetall(held))).toContain(leasedName(one));
    await publish(changed);
    for (const turn of TURNS) await digest(ann, turn);
    expect(Object.keys(await open().admin.hgetall(held))).not.toContain(leasedName(one));
  });

  it('are published anew by a report if the cached state is lost', async () => {
    const { ann, one, report: send } = await reported(await fixture());
    await open().admin.del(keys.state(one.channel));
    expect(versionIn(await send(ann, [one]))).toBe(2);
  });

  it('expire, and a rotation of renewals refreshes those of a worker', async () => {
    const { ann, digest, held, leased, one } = await reported(await fixture());
    const { admin } = open();
    for (const key of [held, leased]) {
      expect(await admin.pttl(key)).toBeGreaterThan(60_000);
      await admin.pexpire(key, 60_000);
    }
    await digest(ann, Math.floor(bucketOf(one.channel) / 4));
    for (const key of [held, leased]) expect(await admin.pttl(key)).toBeGreaterThan(60_000);
  });

  it('of a contributor without renewals are kept by its reports', async () => {
    const { ann, held, leased, one, report: send } = await reported(await fixture());
    const { admin } = open();
    for (const key of [held, leased]) await admin.pexpire(key, 60_000);
    await send(ann, [{ ...one, number: one.number + 10 }]);
    for (const key of [held, leased]) expect(await admin.pttl(key)).toBeGreaterThan(60_000);
  });

  it('leave nothing but the beat of the removal when a worker is removed', async () => {
    const { ann, change, held, one, remove } = await reported(await fixture());
    await change(ann, [], [], [bucketOf(one.channel)]);
    await remove(ann, 5, [levels.name]);
    const left = await open().admin.hgetall(held);
    expect([left['!'], Object.keys(left).length]).toEqual(['5', 2]);
  });
}
