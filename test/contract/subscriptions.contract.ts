import { bucketOf, DIGEST_BUCKETS, digestOf, type Worker } from '../../schemas/delivery';
import { describeMany, describeTrouble } from './subscriptions-bounds.contract';
import {
  feeds,
  type SubscriptionsFixture,
  state,
  type Use,
  watchers,
} from './subscriptions-support';
import { freshChannel, freshId } from './time';

/** The contract of all subscriptions through dispatchers. */
export function describeSubscriptionsContract(
  name: string,
  open: () => Promise<SubscriptionsFixture>,
): void {
  describe(`subscriptions: ${name}`, () => {
    let fixture: SubscriptionsFixture;
    let worker: Worker;
    let turn = 0;
    beforeEach(async () => {
      fixture = await open();
      worker = { id: freshId('worker'), url: 'http://127.0.0.1:1' };
    });
    afterEach(() => fixture.close());

    const use: Use = () => ({
      fixture,
      worker,
      async join(...channels) {
        const change = { worker, join: channels, leave: [], buckets: [], turn: 0, reports: [] };
        const { states } = await fixture.subscriptions.change(change);
        return new Map(states.map(({ channel, feeds }) => [channel, feeds]));
      },
      async renew(held) {
        turn += 1;
        const renewal = { worker, digest: digestOf(held), turn };
        return (await fixture.subscriptions.renew(renewal)).unequal;
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
  it('returns the saved states of each joined channel, of all origins', async () => {
    const { join, fixture } = use();
    const [one, other] = [freshChannel(), freshChannel()];
    const second = state(one, 7, { origin: 'dc2.1' });
    await fixture.states.save([state(one, 3), second, state(other, 0)]);
    const states = await join(one, other);
    expect(states.get(one)).toEqual({
      likes: { ...feeds(3).likes, ...feeds(7, 'dc2.1').likes },
    });
    expect(states.get(other)).toEqual(feeds(0));
  });

  it('returns the states of all feeds of a channel, cached or saved', async () => {
    const { join, fixture } = use();
    const channel = freshChannel();
    await fixture.states.save([state(channel, 3), state(channel, 4, { type: 'votes' })]);
    await fixture.cache.put(new Map([[channel, feeds(5)]]));
    expect((await join(channel)).get(channel)).toEqual({
      ...feeds(5),
      ...feeds(4, 'dc1.1', 'votes'),
    });
  });

  it('returns the cached state if it is newer than the saved one', async () => {
    const { join, fixture } = use();
    const channel = freshChannel();
    await fixture.states.save([state(channel, 3)]);
    await fixture.cache.put(new Map([[channel, feeds(9)]]));
    expect((await join(channel)).get(channel)).toEqual(feeds(9));
  });

  it('returns that a channel has no state if it never had one', async () => {
    const { join } = use();
    const channel = freshChannel();
    expect([...(await join(channel))]).toEqual([[channel, {}]]);
  });

  it('makes the worker watch joined channels, and not those it leaves', async () => {
    const { join, fixture, renew, worker } = use();
    const [kept, left] = [freshChannel(), freshChannel()];
    await renew([]);
    await join(kept, left);
    expect(await watchers(fixture, left)).toEqual([worker.id]);
    const leave = { worker, join: [], leave: [left], buckets: [], turn: 0, reports: [] };
    expect(await fixture.subscriptions.change(leave)).toEqual({ states: [] });
    expect(await watchers(fixture, left)).toEqual([]);
    expect(await watchers(fixture, kept)).toEqual([worker.id]);
  });

  it('reads the state after the membership is written, so that no update is missed', async () => {
    const { join, fixture, renew, worker } = use();
    const channel = freshChannel();
    await renew([]);
    const change = fixture.directory.change.bind(fixture.directory);
    let isWatched = false;
    fixture.directory.change = async (...of) => {
      await change(...of);
      isWatched = (await watchers(fixture, channel)).includes(worker.id);
      await fixture.cache.put(new Map([[channel, feeds(5)]]));
    };
    expect((await join(channel)).get(channel)).toEqual(feeds(5));
    expect(isWatched).toBe(true);
  });

  it('joins many channels at once', async () => {
    const { join } = use();
    const channels = Array.from({ length: 2_000 }, () => freshChannel());
    expect((await join(...channels)).size).toBe(2_000);
  });
}

function describeRenewing(use: Use): void {
  it('finds no bucket unequal if the worker holds the newest versions', async () => {
    const { join, fixture, renew } = use();
    const [one, other] = [freshChannel(), freshChannel()];
    await fixture.states.save([state(one, 3)]);
    const states = await join(one, other);
    expect(await renew(states)).toEqual([]);
    expect(await renew([...states].reverse())).toEqual([]);
  });

  it('stores the lease with the address, and deliveries to the worker begin', async () => {
    const { join, fixture, renew, worker } = use();
    const channel = freshChannel();
    await renew([]);
    await join(channel);
    expect(await watchers(fixture, channel)).toEqual([worker.id]);
    expect((await fixture.leases.all()).map((lease) => lease.worker)).toEqual([worker]);
  });

  it.each<
    [string, (fixture: SubscriptionsFixture, channel: string, worker: Worker) => Promise<unknown>]
  >([
    [
      'a delivery was lost',
      (fixture, channel) => fixture.cache.put(new Map([[channel, feeds(8)]])),
    ],
    [
      'the directory has lost the channel',
      (fixture, channel, { id }) => fixture.directory.change(id, [], [channel]),
    ],
  ])('finds the channel’s bucket unequal when %s', async (_, lose) => {
    const { join, fixture, renew, worker } = use();
    const channel = freshChannel();
    await fixture.states.save([state(channel, 3)]);
    const states = await join(channel);
    await lose(fixture, channel, worker);
    expect(await renew(states)).toEqual([bucketOf(channel)]);
  });

  it('finds a bucket unequal if the directory has a channel that the worker left', async () => {
    const { join, renew } = use();
    const channel = freshChannel();
    await join(channel);
    expect(await renew([])).toEqual([bucketOf(channel)]);
  });
}

function describeMending(use: Use): void {
  it('drops channels of the given buckets that are not joined', async () => {
    const { join, fixture, renew, worker } = use();
    const [kept, surplus] = [freshChannel(), freshChannel()];
    await renew([]);
    await join(kept, surplus);
    const buckets = [...new Set([bucketOf(kept), bucketOf(surplus)])];
    await fixture.subscriptions.change({
      worker,
      join: [kept],
      leave: [],
      buckets,
      turn: 0,
      reports: [],
    });
    expect(await watchers(fixture, surplus)).toEqual([]);
    expect(await watchers(fixture, kept)).toEqual([worker.id]);
  });

  it('does not change the channels of other buckets', async () => {
    const { join, fixture, renew, worker } = use();
    const channel = freshChannel();
    await renew([]);
    await join(channel);
    const buckets = [(bucketOf(channel) + 1) % DIGEST_BUCKETS];
    await fixture.subscriptions.change({
      worker,
      join: [],
      leave: [],
      buckets,
      turn: 0,
      reports: [],
    });
    expect(await watchers(fixture, channel)).toEqual([worker.id]);
  });

  it('is equal again after the unequal buckets were joined again', async () => {
    const { join, fixture, renew, worker } = use();
    const [lost, older, surplus] = [freshChannel(), freshChannel(), freshChannel()];
    const held = await join(lost, older, surplus);
    held.delete(surplus);
    await fixture.directory.change(worker.id, [], [lost]);
    await fixture.cache.put(new Map([[older, feeds(4)]]));
    const buckets = [...(await renew(held))];
    expect(buckets).not.toEqual([]);
    const mended = [...held.keys()].filter((channel) => buckets.includes(bucketOf(channel)));
    const change = { worker, join: mended, leave: [], buckets, turn: 0, reports: [] };
    for (const { channel, feeds } of (await fixture.subscriptions.change(change)).states) {
      held.set(channel, feeds);
    }
    expect(await renew(held)).toEqual([]);
  });
}
