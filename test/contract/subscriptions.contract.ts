import type { Directory, StateCache } from '../../dispatchers/directory';
import type { StateStore } from '../../dispatchers/states';
import { MAX_CHANNELS_PER_READ } from '../../dispatchers/subscriptions';
import type { Subscriptions } from '../../frontends/subscriptions';
import {
  bucketOf,
  DIGEST_BUCKETS,
  digestOf,
  MAX_MESSAGE_BYTES,
  type Worker,
} from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { State, Vector } from '../../schemas/state';
import { freshChannel, freshId } from './time';

export interface SubscriptionsPart {
  readonly subscriptions: Subscriptions;
  /** What the dispatchers work on. */
  readonly directory: Directory;
  readonly cache: StateCache;
  readonly states: StateStore;
  /** From now on the directory cannot be reached. */
  readonly cutOff: () => void;
  readonly close: () => Promise<void>;
}

type Use = () => {
  part: SubscriptionsPart;
  worker: Worker;
  join: (...channels: string[]) => Promise<Map<string, Vector>>;
  renew: (held: Iterable<readonly [string, Vector]>) => Promise<readonly number[]>;
};

/** What any way to subscribe through a dispatcher has to do. */
export function describeSubscriptionsContract(
  name: string,
  open: () => Promise<SubscriptionsPart>,
): void {
  describe(`subscriptions: ${name}`, () => {
    let part: SubscriptionsPart;
    let worker: Worker;
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
        const renewal = { worker, digest: digestOf(held) };
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

function state(channel: string, version: number, origin = 'dc1.1'): State {
  return { channel, origin, version, counts: { like: version + 1 } };
}

function vector(version: number, origin = 'dc1.1'): Vector {
  return { [origin]: { version, counts: { like: version + 1 } } };
}

async function watchers({ directory }: SubscriptionsPart, channel: string): Promise<string[]> {
  const [workers] = await directory.watching([channel]);
  return (workers ?? []).map(({ id }) => id);
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

  it('takes the lease: from then on the worker is delivered to', async () => {
    const { join, part, renew, worker } = use();
    const channel = freshChannel();
    await renew([]);
    await join(channel);
    expect(await part.directory.watching([channel])).toEqual([[worker]]);
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

function describeMany(use: Use): void {
  it('renews for thousands of channels that are not cached, and reads no state for it', async () => {
    const { join, part, renew } = use();
    const channels = Array.from({ length: 3_000 }, () => freshChannel());
    await part.states.save(channels.slice(0, 1_000).map((channel, at) => state(channel, at)));
    let inOneCall = 0;
    const load = part.states.load.bind(part.states);
    part.states.load = (of) => {
      inOneCall = Math.max(inOneCall, of.length);
      return load(of);
    };
    const states = await join(...channels);
    expect(states.size).toBe(3_000);
    expect(inOneCall).toBeLessThanOrEqual(MAX_CHANNELS_PER_READ);
    part.states.load = () => Promise.reject(new LikestreamError('store_unavailable'));
    expect(await renew(states)).toEqual([]);
  });

  it('bounds an answer, and names the channels whose states it leaves out', async () => {
    const { part, worker } = use();
    const channels = Array.from({ length: 300 }, () => freshChannel());
    const counts = Object.fromEntries(
      Array.from({ length: 400 }, (_, at) => [`reaction-${at}`, at]),
    );
    const large: Vector = { 'dc1.1': { version: 1, counts } };
    await part.cache.put(new Map(channels.map((channel) => [channel, large])));
    const got = new Set<string>();
    let asked = channels;
    while (asked.length > 0) {
      const change = { worker, join: asked, leave: [], buckets: [] };
      const answer = await part.subscriptions.change(change);
      expect(JSON.stringify(answer).length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      expect(answer.states.length).toBeGreaterThan(0);
      for (const { channel } of answer.states) got.add(channel);
      asked = [...(answer.left ?? [])];
    }
    expect([...got].sort()).toEqual([...channels].sort());
  });
}

function describeTrouble(use: Use): void {
  it('writes the membership and answers what is cached while the store is unavailable', async () => {
    const { part, renew, worker } = use();
    const [cached, uncached] = [freshChannel(), freshChannel()];
    await renew([]);
    await part.cache.put(new Map([[cached, vector(5)]]));
    part.states.load = () => Promise.reject(new LikestreamError('store_unavailable'));
    const change = { worker, join: [uncached, cached], leave: [], buckets: [] };
    const answer = await part.subscriptions.change(change);
    expect(answer).toEqual({ states: [{ channel: cached, vector: vector(5) }], left: [uncached] });
    expect(await watchers(part, uncached)).toEqual([worker.id]);
  });

  it('rejects if it can answer no state at all; the membership is written', async () => {
    const { join, part, renew, worker } = use();
    const channel = freshChannel();
    await renew([]);
    part.states.load = () => Promise.reject(new LikestreamError('store_unavailable'));
    await expect(join(channel)).rejects.toMatchObject({ retriable: true });
    expect(await watchers(part, channel)).toEqual([worker.id]);
  });

  it('rejects with a trouble that will pass when the dispatcher cannot do it', async () => {
    const { join, part, renew } = use();
    part.cutOff();
    for (const ask of [() => renew([]), () => join(freshChannel())]) {
      const error: unknown = await ask().then(
        () => 'answered',
        (thrown) => thrown,
      );
      expect(error).toBeInstanceOf(LikestreamError);
      expect(error).toMatchObject({ retriable: true });
    }
  });
}
