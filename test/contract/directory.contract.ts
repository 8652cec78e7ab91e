import { DEAD_AFTER_MS } from '../../dispatchers/workers/beats';
import { digestOf, RENEW_MS } from '../../schemas/delivery';
import { describeDigests, describeWholeBuckets } from './digest.contract';
import { asTests, type DirectoryFixture, freshWorker, type Use } from './directory-support';
import { freshChannel, freshId } from './time';

/** The contract of every directory. */
export function describeDirectoryContract(
  name: string,
  open: () => Promise<DirectoryFixture>,
): void {
  describe(`the directory: ${name}`, () => {
    let fixture: DirectoryFixture;
    let tests: ReturnType<typeof asTests>;
    beforeAll(async () => {
      fixture = await open();
    });
    beforeEach(() => {
      tests = asTests(fixture);
    });
    afterEach(() => tests.workers.close());
    afterAll(() => fixture.close());

    const use: Use = () => tests;
    describeWatching(use);
    describeDigests(use);
    describeWholeBuckets(use);
    describeLeases(use);
  });
}

function describeWatching(use: Use): void {
  it('returns the workers that watch each channel, in the order of the channels', async () => {
    const { watching, lease } = use();
    const [both, one, none] = [freshChannel(), freshChannel(), freshChannel()];
    const ann = await lease(both, one);
    const bob = await lease(both);
    const sorted = [ann, bob].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(await watching(none, one, both)).toEqual([[], [ann], sorted]);
    expect(await watching(both, none)).toEqual([sorted, []]);
    expect(await watching()).toEqual([]);
  });

  it('does not return a worker that has left the channel', async () => {
    const { change, digest, watching, lease } = use();
    const [left, kept] = [freshChannel(), freshChannel()];
    const worker = await lease(left, kept);
    await change(worker, [], [left]);
    expect(await watching(left, kept)).toEqual([[], [worker]]);
    expect(await digest(worker)).toEqual(digestOf([[kept, {}]]));
  });

  it('is the same after a repeated change', async () => {
    const { change, watching, lease } = use();
    const channel = freshChannel();
    const worker = await lease(channel);
    await change(worker, [channel, channel]);
    expect(await watching(channel)).toEqual([[worker]]);
    await change(worker, [], [channel]);
    await change(worker, [], [channel, freshChannel()]);
    expect(await watching(channel)).toEqual([[]]);
  });

  it('does not return a worker without a lease', async () => {
    const { renew, change, time, watching } = use();
    const channel = freshChannel();
    const worker = freshWorker();
    await change(worker, [channel]);
    expect(await watching(channel)).toEqual([[]]);
    await renew(worker);
    await time.eventually(async () => expect(await watching(channel)).toEqual([[worker]]));
  });

  it('finds a worker with a lease by its id', async () => {
    const { lease, time, workers } = use();
    const worker = await lease();
    expect(await time.finish(workers.find(worker.id))).toEqual(worker);
    expect(await time.finish(workers.find(freshId('worker')))).toBeUndefined();
  });

  it('accepts many channels at once', async () => {
    const { digest, watching, lease } = use();
    const channels = Array.from({ length: 2_000 }, () => freshChannel());
    const worker = await lease(...channels);
    expect(await digest(worker)).toEqual(digestOf(channels.map((channel) => [channel, {}])));
    const found = await watching(...channels);
    expect(found.every(([only]) => only?.id === worker.id)).toBe(true);
  });
}

/** Time for a decision and a removal, on a slow machine as well. */
const JUDGED_MS = 3 * DEAD_AFTER_MS;

function describeLeases(use: Use): void {
  it('has the greatest beat of each worker and its address', async () => {
    const { leaseOf, leases, time } = use();
    const worker = freshWorker();
    await time.finish(leases.renew(worker, 7));
    await time.finish(leases.renew({ ...worker, url: 'http://127.0.0.1:9' }, 6));
    await time.finish(leases.renew(worker, 7));
    expect(await leaseOf(worker)).toEqual({ worker, beat: 7 });
    const moved = { ...worker, url: 'http://127.0.0.1:2/a b' };
    await time.finish(leases.renew(moved, 10));
    expect(await leaseOf(worker)).toEqual({ worker: moved, beat: 10 });
  });

  it('removes a lease with the given beat, and no other', async () => {
    const { leaseOf, leases, time } = use();
    const worker = freshWorker();
    await time.finish(leases.renew(worker, 2));
    for (const beat of [1, 3, undefined]) await time.finish(leases.remove(worker.id, beat));
    expect(await leaseOf(worker)).toEqual({ worker, beat: 2 });
    await time.finish(leases.remove(worker.id, 2));
    expect(await leaseOf(worker)).toBeUndefined();
    await time.finish(leases.remove(worker.id, 2));
  });

  it('removes a worker whose beat stays the same, and keeps one that renews', async () => {
    const { digest, lease, leaseOf, renew, time, watching, workers } = use();
    const channel = freshChannel();
    const kept = await lease(channel);
    const dead = await lease(channel);
    workers.start();
    for (let passed = 0; passed < 2 * DEAD_AFTER_MS; passed += RENEW_MS / 2) {
      await renew(kept);
      await time.pass(RENEW_MS / 2);
    }
    expect(await watching(channel)).toEqual([[kept]]);
    expect(await digest(kept)).toEqual(digestOf([[channel, {}]]));
    await time.eventually(async () => expect(await leaseOf(dead)).toBeUndefined(), JUDGED_MS);
    expect(await digest(dead)).toEqual(digestOf([]));
    expect(await leaseOf(kept)).toBeDefined();
  });

  it('removes the memberships of a worker that never had a lease', async () => {
    const { change, digest, time, watching, workers } = use();
    const channel = freshChannel();
    const worker = freshWorker();
    await change(worker, [channel]);
    expect(await watching(channel)).toEqual([[]]);
    workers.start();
    const gone = async () => expect(await digest(worker)).toEqual(digestOf([]));
    await time.eventually(gone, JUDGED_MS);
  });

  it('returns a removed worker again after it has renewed', async () => {
    const { change, lease, leaseOf, renew, time, watching, workers } = use();
    const channel = freshChannel();
    const worker = await lease(channel);
    workers.start();
    await time.eventually(async () => expect(await leaseOf(worker)).toBeUndefined(), JUDGED_MS);
    expect(await watching(channel)).toEqual([[]]);
    await renew(worker);
    await change(worker, [channel]);
    expect(await watching(channel)).toEqual([[worker]]);
  });
}
