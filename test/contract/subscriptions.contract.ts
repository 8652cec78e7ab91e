import { bucketOf, DIGEST_BUCKETS, digestOf, type Worker } from '../../schemas/delivery';
import { describeMany, describeTrouble } from './subscriptions-bounds.contract';
import { type SubscriptionsPart, state, type Use, vector, watchers } from './subscriptions-support';
import { freshChannel, freshId } from './time';

/** What any way to subscribe through a dispatcher has to do. */
export function describeSubscriptionsContract(
  name: string,
  open: () => Promise<SubscriptionsPart>,
): void {
  describe(`subscriptions: ${name}`, () => {
    let part: SubscriptionsPart;
    let worker: Worker;
    let turn = 0;
    beforeEach(async () => {
      part = await open();
      worker = { id: freshId('worker'), url: 'http://127.0.0.1:1' };
    });
    afterEach(() => part.close());

    const use: Use = () => ({
      part,
      worker,
      async join(...channels) {
        const change = { worker, join: channels, leave: [], buckets: [] };
        const { states } = await part.subscriptions.change(change);
        return new Map(states.map(({ channel, vector }) => [channel, vector]));
      },
      async renew(held) {
        turn += 1;
        const renewal = { worker, digest: digestOf(held), turn };
        return (await part.subscriptions.renew(renewal)).unequal;
      },
    });
    describeJoining(use);
    describeRenewing(use);
    describeMending(use);
    describeMany(use);
    describeTrouble(use);
  });
}

function describeJoining(use: Use): void {
  it('gives the saved state of each channel joined, of all its origins', async () => {
    const { join, part } = use();
    const [one, other] = [freshChannel(), freshChannel()];
    await part.states.save([state(one, 3), state(one, 7, 'dc2.1'), state(other, 0)]);
    const states = await join(one, other);
    expect(states.get(one)).toEqual({ ...vector(3), ...vector(7, 'dc2.1') });
    expect(states.get(other)).toEqual(vector(0));
  });

  it('gives the cached state where it is newer than the saved one', async () => {
    const { join, part } = use();
    const channel = freshChannel();
    await part.states.save([state(channel, 3)]);
    await part.cache.put(new Map([[channel, vector(9)]]));
    expect((await join(channel)).get(channel)).toEqual(vector(9));
  });

  it('says of a channel that never had a state that it has none: it is known to be empty', async () => {
    const { join } = use();
    const channel = freshChannel();
    expect([...(await join(channel))]).toEqual([[channel, {}]]);
  });

  it('has the worker watch what it joins and not what it leaves', async () => {
    const { join, part, renew, worker } = use();
    const [kept, left] = [freshChannel(), freshChannel()];
    await renew([]);
    await join(kept, left);
    expect(await watchers(part, left)).toEqual([worker.id]);
    const leave = { worker, join: [], leave: [left], buckets: [] };
    expect(await part.subscriptions.change(leave)).toEqual({ states: [] });
    expect(await watchers(part, left)).toEqual([]);
    expect(await watchers(part, kept)).toEqual([worker.id]);
  });

  it('reads the state after the membership is written, so that nothing falls between', async () => {
    const { join, part, renew, worker } = use();
    const channel = freshChannel();
    await renew([]);
    const change = part.directory.change.bind(part.directory);
    let isWatched = false;
    part.directory.change = async (...of) => {
      await change(...of);
      isWatched = (await watchers(part, channel)).includes(worker.id);
      await part.cache.put(new Map([[channel, vector(5)]]));
    };
    expect((await join(channel)).get(channel)).toEqual(vector(5));
    expect(isWatched).toBe(true);
  });

  it('joins many channels at once', async () => {
    const { join } = use();
    const channels = Array.from({ length: 2_000 }, () => freshChannel());
    expect((await join(...channels)).size).toBe(2_000);
  });
}

function describeRenewing(use: Use): void {
  it('finds nothing unequal where the worker holds all that is newest', async () => {
    const { join, part, renew } = use();
    const [one, other] = [freshChannel(), freshChannel()];
    await part.states.save([state(one, 3)]);
    const states = await join(one, other);
    expect(await renew(states)).toEqual([]);
    expect(await renew([...states].reverse())).toEqual([]);
  });

  it('takes the lease with the address, from then on the worker is delivered to', async () => {
    const { join, part, renew, worker } = use();
    const channel = freshChannel();
    await renew([]);
    await join(channel);
    expect(await watchers(part, channel)).toEqual([worker.id]);
    expect((await part.leases.all()).map((lease) => lease.worker)).toEqual([worker]);
  });

  it.each<[string, (part: SubscriptionsPart, channel: string, worker: Worker) => Promise<void>]>([
    ['a delivery was lost', (part, channel) => part.cache.put(new Map([[channel, vector(8)]]))],
    [
      'the directory has forgotten the channel',
      (part, channel, { id }) => part.directory.change(id, [], [channel]),
    ],
  ])('finds the channel’s bucket unequal when %s', async (_, lose) => {
    const { join, part, renew, worker } = use();
    const channel = freshChannel();
    await part.states.save([state(channel, 3)]);
    const states = await join(channel);
    await lose(part, channel, worker);
    expect(await renew(states)).toEqual([bucketOf(channel)]);
  });

  it('finds a bucket unequal in which the directory has a channel that the worker left', async () => {
    const { join, renew } = use();
    const channel = freshChannel();
    await join(channel);
    expect(await renew([])).toEqual([bucketOf(channel)]);
  });
}

function describeMending(use: Use): void {
  it('drops what the directory has beyond what is joined of the buckets named', async () => {
    const { join, part, renew, worker } = use();
    const [kept, surplus] = [freshChannel(), freshChannel()];
    await renew([]);
    await join(kept, surplus);
    const buckets = [...new Set([bucketOf(kept), bucketOf(surplus)])];
    await part.subscriptions.change({ worker, join: [kept], leave: [], buckets });
    expect(await watchers(part, surplus)).toEqual([]);
    expect(await watchers(part, kept)).toEqual([worker.id]);
  });

  it('leaves the channels of other buckets alone', async () => {
    const { join, part, renew, worker } = use();
    const channel = freshChannel();
    await renew([]);
    await join(channel);
    const buckets = [(bucketOf(channel) + 1) % DIGEST_BUCKETS];
    await part.subscriptions.change({ worker, join: [], leave: [], buckets });
    expect(await watchers(part, channel)).toEqual([worker.id]);
  });

  it('is equal again after the unequal buckets were joined again', async () => {
    const { join, part, renew, worker } = use();
    const [lost, older, surplus] = [freshChannel(), freshChannel(), freshChannel()];
    const held = await join(lost, older, surplus);
    held.delete(surplus);
    await part.directory.change(worker.id, [], [lost]);
    await part.cache.put(new Map([[older, vector(4)]]));
    const buckets = [...(await renew(held))];
    expect(buckets).not.toEqual([]);
    const mended = [...held.keys()].filter((channel) => buckets.includes(bucketOf(channel)));
    const change = { worker, join: mended, leave: [], buckets };
    for (const { channel, vector } of (await part.subscriptions.change(change)).states) {
      held.set(channel, vector);
    }
    expect(await renew(held)).toEqual([]);
  });
}
