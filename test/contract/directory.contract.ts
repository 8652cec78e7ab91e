import { ownChannel } from '../../dispatchers/directory';
import { digestOf } from '../../schemas/delivery';
import { describeDigests, describeWholeBuckets } from './digest.contract';
import { asTests, type DirectoryPart, freshWorker, type Use } from './directory-support';
import { freshChannel, freshId } from './time';

/** What any directory of who watches what has to do. */
export function describeDirectoryContract(name: string, open: () => Promise<DirectoryPart>): void {
  describe(`the directory: ${name}`, () => {
    let part: DirectoryPart;
    beforeAll(async () => {
      part = await open();
    });
    afterAll(() => part.close());

    const use: Use = () => asTests(part);
    describeWatching(use);
    describeDigests(use);
    describeWholeBuckets(use);
    describeLeases(use);
  });
}

function describeWatching(use: Use): void {
  it('names the workers that watch each channel, in the order asked', async () => {
    const { watching, lease } = use();
    const [both, one, none] = [freshChannel(), freshChannel(), freshChannel()];
    const ann = await lease(both, one);
    const bob = await lease(both);
    const sorted = [ann, bob].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(await watching(none, one, both)).toEqual([[], [ann], sorted]);
    expect(await watching(both, none)).toEqual([sorted, []]);
    expect(await watching()).toEqual([]);
  });

  it('names a worker no more once it has left the channel', async () => {
    const { change, digest, watching, lease } = use();
    const [left, kept] = [freshChannel(), freshChannel()];
    const worker = await lease(left, kept);
    await change(worker, [], [left]);
    expect(await watching(left, kept)).toEqual([[], [worker]]);
    expect(await digest(worker)).toEqual(digestOf([[kept, {}]]));
  });

  it('has the same change again make no difference', async () => {
    const { change, watching, lease } = use();
    const channel = freshChannel();
    const worker = await lease(channel);
    await change(worker, [channel, channel]);
    expect(await watching(channel)).toEqual([[worker]]);
    await change(worker, [], [channel]);
    await change(worker, [], [channel, freshChannel()]);
    expect(await watching(channel)).toEqual([[]]);
  });

  it('names a worker without a lease to nobody, until it has one', async () => {
    const { renew, change, watching } = use();
    const channel = freshChannel();
    const worker = freshWorker();
    await change(worker, [channel]);
    expect(await watching(channel)).toEqual([[]]);
    await renew(worker);
    await change(worker, [channel]);
    expect(await watching(channel)).toEqual([[worker]]);
  });

  it('names a worker under its own channel while it has a lease', async () => {
    const { watching, lease } = use();
    const worker = await lease();
    expect(await watching(ownChannel(worker.id), ownChannel(freshId('worker')))).toEqual([
      [worker],
      [],
    ]);
  });

  it('takes many channels at once', async () => {
    const { digest, watching, lease } = use();
    const channels = Array.from({ length: 2_000 }, () => freshChannel());
    const worker = await lease(...channels);
    expect(await digest(worker)).toEqual(digestOf(channels.map((channel) => [channel, {}])));
    const found = await watching(...channels);
    expect(found.every(([only]) => only?.id === worker.id)).toBe(true);
  });
}

function describeLeases(use: Use): void {
  it('lets a lease end that is not renewed, and keeps one that is', async () => {
    const { leaseMs, time, renew, digest, watching, lease } = use();
    const channel = freshChannel();
    const kept = await lease(channel);
    const ended = await lease(channel);
    for (let passed = 0; passed < leaseMs * 1.5; passed += leaseMs / 4) {
      await renew(kept);
      await time.pass(leaseMs / 4);
    }
    expect(await watching(channel)).toEqual([[kept]]);
    expect(await digest(kept)).toEqual(digestOf([[channel, {}]]));
    expect(ended.id).not.toBe(kept.id);
  });

  it('names a worker again that comes back and says what it watches', async () => {
    const { leaseMs, time, renew, change, watching, lease } = use();
    const channel = freshChannel();
    const worker = await lease(channel);
    await time.pass(leaseMs * 1.5);
    expect(await watching(channel)).toEqual([[]]);
    await renew(worker);
    await change(worker, [channel]);
    expect(await watching(channel)).toEqual([[worker]]);
  });

  it('names a worker at the address that it gave last', async () => {
    const { renew, watching, lease } = use();
    const channel = freshChannel();
    const worker = await lease(channel);
    const moved = { ...worker, url: 'http://127.0.0.1:2' };
    await renew(moved);
    expect(await watching(channel)).toEqual([[moved]]);
  });
}
