import { bucketOf, DIGEST_BUCKETS } from '../../schemas/digest';
import { describeAnyReports } from './contributions-any.contract';
import {
  describeReads,
  describeRemovals,
  describeReturns,
  describeWithdrawals,
} from './contributions-removals.contract';
import {
  asTests,
  type ContributionsFixture,
  digestWith,
  report,
  type UseContributions,
  valuesIn,
  versionIn,
} from './contributions-support';
import { hidden, levels, stays } from './leased-types';
import { freshChannel } from './time';

/** The contract of all contributions. */
export function describeContributionsContract(
  name: string,
  open: () => Promise<ContributionsFixture>,
): void {
  describe(`contributions: ${name}`, () => {
    let fixture: ContributionsFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());
    const use: UseContributions = () => asTests(fixture);
    describeReports(use);
    describeVersions(use);
    describeDigests(use);
    describeBuckets(use);
    describeRemovals(use);
    describeWithdrawals(use);
    describeReturns(use);
    describeReads(use);
    describeAnyReports(use);
  });
}

/** A channel of another bucket: what was lost is noted by bucket. */
function freshBeside(channel: string): string {
  const fresh = freshChannel();
  return bucketOf(fresh) === bucketOf(channel) ? freshBeside(channel) : fresh;
}

function describeReports(use: UseContributions): void {
  it('returns the values of all contributors of a changed feed', async () => {
    const { report: send, worker } = use();
    const [ann, bob, channel] = [worker(), worker(), freshChannel()];
    expect(valuesIn(await send(ann, [report({ channel, value: 2 })]))).toEqual({ [ann]: 2 });
    const both = await send(bob, [report({ channel, value: { deep: ['"', 'é\n'] } })]);
    expect(valuesIn(both)).toEqual({ [ann]: 2, [bob]: { deep: ['"', 'é\n'] } });
    expect(both[0]).toMatchObject({ channel, type: levels.name, isNew: false, before: undefined });
  });

  it('removes a value by a report without one', async () => {
    const { report: send, worker } = use();
    const [ann, bob, channel] = [worker(), worker(), freshChannel()];
    await send(ann, [report({ channel })]);
    await send(bob, [report({ channel })]);
    expect(valuesIn(await send(ann, [report({ channel, value: undefined })]))).toEqual({
      [bob]: 1,
    });
  });

  it('gives a feed a state if a report without a value finds none', async () => {
    const { report: send, publish, worker } = use();
    const first = report({ number: 0, value: undefined });
    const [feed] = await publish(await send(worker(), [first]));
    expect(feed).toMatchObject({ version: 1, isNew: true });
    expect(feed?.values.size).toBe(0);
    expect(await send(worker(), [first])).toEqual([]);
  });

  it('ignores a report whose number is not greater than that of the value', async () => {
    const { digest, publish, report: send, worker } = use();
    const id = worker();
    const newer = report({ number: 7, value: 3 });
    await publish(await send(id, [newer]));
    const older = { ...newer, number: 6, value: 9 };
    for (const late of [older, newer, { ...newer, number: 0, value: undefined }]) {
      expect(await send(id, [late])).toEqual([]);
    }
    expect(await digest(id)).toEqual(digestWith([], [newer]));
    expect(valuesIn(await send(id, [{ ...newer, number: 8, value: 4 }]))).toEqual({ [id]: 4 });
  });

  it('writes a newer number with the same value, but gives the feed no new version', async () => {
    const { digest, publish, report: send, worker } = use();
    const id = worker();
    const first = report({ value: { sketch: 'abc' } });
    await publish(await send(id, [first]));
    const again = { ...first, number: first.number + 5 };
    expect(await send(id, [again])).toEqual([]);
    expect(await digest(id)).toEqual(digestWith([], [again]));
  });

  it('keeps the feeds of one channel apart', async () => {
    const { report: send, worker } = use();
    const [id, channel] = [worker(), freshChannel()];
    const types = [levels.name, stays.name];
    const all = await send(
      id,
      types.map((type, at) => report({ channel, type, value: at })),
    );
    expect(all.map(({ type, values }) => [type, [...values.values()]])).toEqual([
      [levels.name, [0]],
      [stays.name, [1]],
    ]);
  });
}

function describeVersions(use: UseContributions): void {
  it('gives each change a greater version, above what the reporter has seen', async () => {
    const { report: send, worker } = use();
    const [id, channel] = [worker(), freshChannel()];
    expect(versionIn(await send(id, [report({ channel, value: 1 })]))).toBe(1);
    expect(versionIn(await send(id, [report({ channel, value: 2 })]))).toBe(2);
    expect(versionIn(await send(id, [report({ channel, value: 3, seen: 57 })]))).toBe(58);
    expect(versionIn(await send(worker(), [report({ channel })]))).toBe(59);
  });

  it('gives a feed a version above the cached one, and returns the cached state', async () => {
    const { put, report: send, worker } = use();
    const one = report();
    await put(one.channel, levels.name, 40, 3, 8);
    const [feed] = await send(worker(), [one]);
    expect(feed).toMatchObject({ version: 41, isNew: true });
    expect(feed?.before).toEqual({ version: 40, state: { now: 3, most: 8 } });
  });

  it('names a lost feed that the reporter has seen, with all that it holds', async () => {
    const { report: send, worker } = use();
    const [ann, bob, channel] = [worker(), worker(), freshChannel()];
    const first = await send(ann, [report({ channel, seen: 7 })]);
    expect(first[0]).toMatchObject({ version: 8, isNew: true, isLost: true });
    const unseen = report({ channel: freshBeside(channel) });
    expect((await send(bob, [unseen]))[0]).toMatchObject({ isNew: true, isLost: false });
    // The value of another type is there.
    const other = { channel: unseen.channel, type: stays.name, seen: 7 };
    expect((await send(bob, [report(other)]))[0]).toMatchObject({ isNew: true, isLost: false });
  });

  it('returns an unchanged feed if its version is behind what the reporter has seen', async () => {
    const { publish, report: send, worker } = use();
    const [id, one] = [worker(), report()];
    await publish(await send(id, [one]));
    expect(await send(id, [{ ...one, seen: 1 }])).toEqual([]);
    expect(versionIn(await send(id, [{ ...one, seen: 2 }]))).toBe(3);
  });

  it('returns an unchanged feed whose version is not cached, with the same version', async () => {
    const { publish, report: send, worker } = use();
    const [id, one] = [worker(), report()];
    expect(versionIn(await send(id, [one]))).toBe(1);
    expect(versionIn(await publish(await send(id, [one])))).toBe(1);
    expect(await send(id, [one])).toEqual([]);
  });

  it('keeps the life of a feed while it has versions', async () => {
    const { report: send, worker } = use();
    const [channel, other] = [freshChannel(), freshChannel()];
    const [first] = await send(worker(), [report({ channel })]);
    const [second] = await send(worker(), [report({ channel })]);
    const [another] = await send(worker(), [report({ channel: other })]);
    expect(first?.life).toMatch(/\S/);
    expect(second?.life).toBe(first?.life);
    expect(another?.life).not.toBe(first?.life);
  });
}

function describeDigests(use: UseContributions): void {
  it('adds the sums of reports to the digest of the worker', async () => {
    const { digest, join, publish, report: send, worker } = use();
    const id = worker();
    const [one, other] = [report(), report({ type: stays.name })];
    await join(id, one.channel);
    await publish(await send(id, [one, other]));
    const held = [[one.channel, { [levels.name]: 1 }]] as const;
    expect(await digest(id)).toEqual(digestWith(held, [one, other]));
    await send(id, [report({ ...other, number: other.number + 1, value: undefined })]);
    expect(await digest(id)).toEqual(digestWith(held, [one]));
  });

  it('has no versions of types that streams do not carry', async () => {
    const { digest, join, publish, report: send, worker } = use();
    const [id, one] = [worker(), report({ type: hidden.name })];
    await publish(await send(id, [one]));
    await join(id, one.channel);
    expect(await digest(id)).toEqual(digestWith([[one.channel, {}]], [one]));
    await publish(await send(id, [{ ...one, number: one.number + 1, value: 2 }]));
    const again = { ...one, number: one.number + 1 };
    expect(await digest(id)).toEqual(digestWith([[one.channel, {}]], [again]));
  });

  it('keeps values when the worker leaves their channels', async () => {
    const { change, digest, join, report: send, worker } = use();
    const [id, one] = [worker(), report()];
    await join(id, one.channel);
    await send(id, [one]);
    await change(id, [], [one.channel], []);
    expect(await digest(id)).toEqual(digestWith([], [one]));
    await change(id, [], [], [bucketOf(one.channel)]);
    expect(await digest(id)).toEqual(digestWith([], [one]));
  });
}

function describeBuckets(use: UseContributions): void {
  it('drops values of the given buckets that are not reported', async () => {
    const { digest, join, report: send, worker } = use();
    const id = worker();
    const [kept, lost] = [report(), report()];
    await join(id, lost.channel);
    await send(id, [kept, lost]);
    const buckets = [...new Set([kept, lost].map(({ channel }) => bucketOf(channel)))];
    const changed = await send(id, [kept], [...buckets, DIGEST_BUCKETS, 1e9]);
    const dropped = changed.filter(({ channel }) => channel === lost.channel);
    expect(dropped.map(({ values, version }) => [values.size, version])).toEqual([[0, 2]]);
    expect(await digest(id)).toEqual(digestWith([[lost.channel, {}]], [kept]));
  });

  it('drops a value that is reported as none, whatever the number', async () => {
    const { digest, report: send, worker } = use();
    const [id, one] = [worker(), report()];
    await send(id, [one]);
    await send(id, [{ ...one, number: 0, value: undefined }], [bucketOf(one.channel)]);
    expect(await digest(id)).toEqual(digestWith([], []));
  });

  it('drops nothing of other workers or buckets', async () => {
    const { digest, report: send, worker } = use();
    const [ann, bob, one] = [worker(), worker(), report()];
    await send(ann, [one]);
    await send(bob, [], [bucketOf(one.channel)]);
    await send(ann, [], [(bucketOf(one.channel) + 1) % DIGEST_BUCKETS]);
    expect(await digest(ann)).toEqual(digestWith([], [one]));
  });
}
