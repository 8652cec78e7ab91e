import { MAX_CHANNELS_PER_READ } from '../../dispatchers/subscriptions';
import { MAX_MESSAGE_BYTES } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { Feeds } from '../../schemas/state';
import { feeds, state, type Use, watchers } from './subscriptions-support';
import { freshChannel } from './time';

/** The contract for many channels and large states. */
export function describeMany(use: Use): void {
  it('renews for thousands of uncached channels without reading a state', async () => {
    const { join, fixture, renew } = use();
    const channels = Array.from({ length: 3_000 }, () => freshChannel());
    await fixture.states.save(channels.slice(0, 1_000).map((channel, at) => state(channel, at)));
    let inOneCall = 0;
    const load = fixture.states.load.bind(fixture.states);
    fixture.states.load = (of) => {
      inOneCall = Math.max(inOneCall, of.length);
      return load(of);
    };
    const states = await join(...channels);
    expect(states.size).toBe(3_000);
    expect(inOneCall).toBeLessThanOrEqual(MAX_CHANNELS_PER_READ);
    fixture.states.load = () => Promise.reject(new LikestreamError('store_unavailable'));
    expect(await renew(states)).toEqual([]);
  });

  it('bounds an answer, and names the channels whose states it leaves out', async () => {
    const { fixture, worker } = use();
    const channels = Array.from({ length: 300 }, () => freshChannel());
    const counts = Object.fromEntries(
      Array.from({ length: 400 }, (_, at) => [`reaction-${at}`, at]),
    );
    const large: Feeds = { likes: { 'dc1.1': { version: 1, state: counts } } };
    await fixture.cache.put(new Map(channels.map((channel) => [channel, large])));
    const got = new Set<string>();
    let asked = channels;
    while (asked.length > 0) {
      const change = { worker, join: asked, leave: [], buckets: [], turn: 0, reports: [] };
      const answer = await fixture.subscriptions.change(change);
      expect(JSON.stringify(answer).length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      expect(answer.states.length).toBeGreaterThan(0);
      for (const { channel } of answer.states) got.add(channel);
      asked = [...(answer.left ?? [])];
    }
    expect([...got].sort()).toEqual([...channels].sort());
  });
}

/** The contract while a back end is unavailable. */
export function describeTrouble(use: Use): void {
  it('writes the membership, and returns cached states that must be requested again', async () => {
    const { fixture, renew, worker } = use();
    const [cached, uncached] = [freshChannel(), freshChannel()];
    await renew([]);
    await fixture.cache.put(new Map([[cached, feeds(5)]]));
    fixture.states.load = () => Promise.reject(new LikestreamError('store_unavailable'));
    const change = {
      worker,
      join: [uncached, cached],
      leave: [],
      buckets: [],
      turn: 0,
      reports: [],
    };
    const answer = await fixture.subscriptions.change(change);
    const states = [{ channel: cached, feeds: feeds(5) }];
    expect(answer).toEqual({ states, left: [uncached, cached] });
    expect(await watchers(fixture, uncached)).toEqual([worker.id]);
  });

  it('does not read a failed store again for the same answer', async () => {
    const { fixture, worker } = use();
    const [cached, ...others] = Array.from({ length: 3 * MAX_CHANNELS_PER_READ }, freshChannel);
    await fixture.cache.put(new Map([[cached ?? '', feeds(5)]]));
    let calls = 0;
    fixture.states.load = async () => {
      calls += 1;
      throw new LikestreamError('store_unavailable');
    };
    const change = {
      worker,
      join: [...others, cached ?? ''],
      leave: [],
      buckets: [],
      turn: 0,
      reports: [],
    };
    const answer = await fixture.subscriptions.change(change);
    expect([calls, answer.states.length, answer.left?.length]).toEqual([1, 1, others.length + 1]);
  });

  it('writes the membership, but rejects if it has no state to return', async () => {
    const { join, fixture, renew, worker } = use();
    const channel = freshChannel();
    await renew([]);
    fixture.states.load = () => Promise.reject(new LikestreamError('store_unavailable'));
    await expect(join(channel)).rejects.toMatchObject({ retriable: true });
    expect(await watchers(fixture, channel)).toEqual([worker.id]);
  });

  it('rejects with a temporary error if the dispatcher fails', async () => {
    const { join, fixture, renew } = use();
    fixture.cutOff();
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
