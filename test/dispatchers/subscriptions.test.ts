import { SubscriptionService } from '../../dispatchers/subscriptions';
import { bucketOf, DIGEST_BUCKETS, type Membership } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { digestWith } from '../contract/contributions-support';
import { hidden, LEASED_TYPES, levels, stays } from '../contract/leased-types';
import { CHANNEL, ground, ORIGIN, reporting } from './leased/ground';

const worker = { id: 'ann', url: 'http://ann' };

/** Subscriptions with leased feeds, whose dispatcher caches a state only when `caches` is true. */
function subscribing() {
  const parts = ground();
  const { leased, updates, workers } = parts.dispatcher();
  const { cache, clock, directory, leases, states } = parts;
  const subscriptions = new SubscriptionService({
    ...{ types: LEASED_TYPES, directory, leases, cache, states, clock, leased },
  });
  const change = (of: Partial<Membership>) =>
    subscriptions.change({ worker, turn: 1, join: [], leave: [], buckets: [], ...of });
  return { ...parts, change, leased, subscriptions, updates, workers };
}

function leasedState(version: number, now: number, most = now) {
  return { [ORIGIN]: { version, state: { now, most } } };
}

describe('SubscriptionService with leased feeds', () => {
  it('writes the reports of a join first, so that the answer has the state', async () => {
    const { cache, change } = subscribing();
    // The state is computed, but no round of the dispatch has cached it yet.
    cache.put = async () => undefined;
    const answer = await change({ join: [CHANNEL], reports: [reporting()({ value: 4 })] });
    expect(answer).toEqual({
      states: [{ channel: CHANNEL, feeds: { [levels.name]: leasedState(1, 4) } }],
    });
  });

  it('answers with the states of channels whose reports are not of this request', async () => {
    const { change, leased } = subscribing();
    await leased.report('bob', 1, [reporting()({ value: 4 })]);
    const answer = await change({ join: [CHANNEL] });
    expect(answer.states).toEqual([
      { channel: CHANNEL, feeds: { [levels.name]: leasedState(1, 4) } },
    ]);
  });

  it('never answers with a saved state of a leased feed, nor caches it', async () => {
    const { cache, change, states } = subscribing();
    const saved = { channel: CHANNEL, type: stays.name, origin: ORIGIN };
    await states.save([{ ...saved, version: 8, state: { now: 5, most: 5 } }]);
    expect(await change({ join: [CHANNEL] })).toEqual({
      states: [{ channel: CHANNEL, feeds: {} }],
    });
    expect(cache.feedsOf(CHANNEL)).toBeUndefined();
  });

  it('never answers with states that no stream carries', async () => {
    const { change, directory } = subscribing();
    const report = reporting();
    const reports = [report({ type: hidden.name }), report()];
    const { states } = await change({ join: [CHANNEL], reports });
    expect(states).toEqual([{ channel: CHANNEL, feeds: { [levels.name]: leasedState(1, 1) } }]);
    expect(await directory.digest(worker.id)).toEqual(
      digestWith([[CHANNEL, { [levels.name]: 1 }]], reports),
    );
  });

  it('names channels whose leased states are held back', async () => {
    const { change, clock, leased, updates } = subscribing();
    leased.holdBack();
    const reports = [reporting()({ value: 4 })];
    expect(await change({ join: [CHANNEL], reports })).toEqual({
      states: [{ channel: CHANNEL, feeds: {} }],
      left: [CHANNEL],
      isHeld: true,
    });
    await clock.advance(3_000);
    expect(updates).toHaveLength(1);
    const answer = await change({ join: [CHANNEL], reports: [reporting()({ type: stays.name })] });
    expect([answer.left, answer.isHeld]).toEqual([undefined, undefined]);
    expect(Object.keys(answer.states[0]?.feeds ?? {}).sort()).toEqual([levels.name, stays.name]);
  });

  it('lets a channel be joined again if only its leased states could be read', async () => {
    const { change, states } = subscribing();
    states.load = () => Promise.reject(new LikestreamError('store_unavailable'));
    const reports = [reporting()({ type: stays.name, value: 4 })];
    expect(await change({ join: [CHANNEL], reports })).toEqual({
      states: [{ channel: CHANNEL, feeds: { [stays.name]: leasedState(1, 4) } }],
      left: [CHANNEL],
    });
  });

  it('drops values of whole buckets that are not reported', async () => {
    const { change, contributions } = subscribing();
    await change({ reports: [reporting()()] });
    await change({ buckets: [bucketOf(CHANNEL)] });
    const all = Array.from({ length: DIGEST_BUCKETS }, (_, bucket) => bucket);
    expect(await contributions.held(worker.id, all)).toEqual([]);
  });

  it('refuses a request whose reports have waited, with its memberships', async () => {
    const { clock, directory, subscriptions } = subscribing();
    const arrivedAt = subscriptions.arrival();
    await clock.advance(1_500);
    const request = { worker, turn: 1, join: [CHANNEL], leave: [], buckets: [] };
    const changed = subscriptions.change({ ...request, reports: [reporting()()] }, arrivedAt);
    await expect(changed).rejects.toMatchObject({ retriable: true });
    expect(await directory.watchers([CHANNEL])).toEqual([[]]);
  });
});
