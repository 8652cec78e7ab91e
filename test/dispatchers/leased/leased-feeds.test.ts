import { MAX_REPORT_AGE_MS } from '../../../dispatchers/leased/leased-feeds';
import { RENEWALS_WAIT_MS } from '../../../dispatchers/workers/beats';
import { RENEW_MS } from '../../../schemas/delivery';
import { LikestreamError } from '../../../schemas/errors';
import { hidden, levels } from '../../contract/leased-types';
import { CHANNEL, ground, ORIGIN, reporting, statesIn } from './ground';

describe('LeasedFeeds', () => {
  it('dispatches the state of all contributions, and resolves with it', async () => {
    const { dispatcher } = ground();
    const { leased, updates } = dispatcher();
    const report = reporting();
    await leased.report('ann', 1, [report({ value: 2 })]);
    const states = await leased.report('bob', 1, [report({ value: 3 })]);
    expect(statesIn(updates)).toEqual([
      [CHANNEL, 1, { now: 2, most: 2 }],
      [CHANNEL, 2, { now: 5, most: 5 }],
    ]);
    expect(states.get(CHANNEL)).toEqual({
      [levels.name]: { [ORIGIN]: { version: 2, state: { now: 5, most: 5 } } },
    });
    await leased.report('ann', 1, [report({ value: undefined })]);
    expect(statesIn(updates).at(-1)).toEqual([CHANNEL, 3, { now: 3, most: 5 }]);
  });

  it('dispatches through any dispatcher, with what others have computed', async () => {
    const { dispatcher } = ground();
    const [one, other] = [dispatcher(), dispatcher()];
    const report = reporting();
    await one.leased.report('ann', 1, [report({ value: 9 })]);
    await other.leased.report('ann', 1, [report({ value: 1 })]);
    expect(statesIn(other.updates)).toEqual([[CHANNEL, 2, { now: 1, most: 9 }]]);
  });

  it('leaves out values that are not valid, and feeds of unknown types', async () => {
    const { contributions, dispatcher } = ground();
    const { leased, updates } = dispatcher();
    const report = reporting();
    await leased.report('old', 1, [report({ value: 'text' }), report({ type: 'unknown' })]);
    await leased.report('ann', 1, [report({ value: 4 })]);
    expect(statesIn(updates).at(-1)).toEqual([CHANNEL, 2, { now: 4, most: 4 }]);
    // Digests stay equal, because the values are written.
    expect(await contributions.held('old', range(256))).toHaveLength(2);
  });
});

describe('LeasedFeeds with saved states', () => {
  it('continue above them, with what they have accumulated', async () => {
    const { dispatcher, states } = ground();
    const { leased, updates } = dispatcher();
    const saved = { channel: CHANNEL, type: levels.name, origin: ORIGIN };
    await states.save([{ ...saved, version: 70, state: { now: 0, most: 12 } }]);
    await leased.report('ann', 1, [reporting()({ value: 2 })]);
    expect(statesIn(updates)).toEqual([[CHANNEL, 72, { now: 2, most: 12 }]]);
  });

  it('publish later if they cannot be read', async () => {
    const { clock, dispatcher, failures, states } = ground();
    const { leased, updates } = dispatcher();
    states.isUnavailable = true;
    expect((await leased.report('ann', 1, [reporting()()])).size).toBe(0);
    await clock.advance(1_500);
    expect([updates, failures]).toEqual([[], ['read saved states', 'read saved states']]);
    states.isUnavailable = false;
    await clock.advance(1_000);
    expect(statesIn(updates)).toEqual([[CHANNEL, 1, { now: 1, most: 1 }]]);
  });

  it('delay no report for long while the store hangs', async () => {
    const { clock, dispatcher, failures, states } = ground();
    const { leased, updates } = dispatcher();
    const load = states.load.bind(states);
    states.load = () => new Promise(() => undefined);
    const reported = leased.report('ann', 1, [reporting()()]);
    await clock.advance(500);
    expect([(await reported).size, failures]).toEqual([0, ['read saved states']]);
    states.load = load;
    await clock.advance(1_000);
    expect(statesIn(updates)).toEqual([[CHANNEL, 1, { now: 1, most: 1 }]]);
  });

  it('refuse reports that have waited too long, and those of a failed directory', async () => {
    const { clock, contributions, dispatcher } = ground();
    const { leased, updates } = dispatcher();
    const arrivedAt = clock.monotonic();
    await clock.advance(MAX_REPORT_AGE_MS + 1);
    const late = leased.report('ann', 1, [reporting()()], [], arrivedAt);
    await expect(late).rejects.toMatchObject({ code: 'directory_unavailable' });
    contributions.report = () => Promise.reject(new LikestreamError('directory_unavailable'));
    await expect(leased.report('ann', 1, [reporting()()])).rejects.toMatchObject({
      code: 'directory_unavailable',
    });
    expect(updates).toEqual([]);
  });

  it('cache and save states that no stream carries, and dispatch none of them', async () => {
    const { cache, clock, dispatcher, states } = ground();
    const { leased, updates } = dispatcher();
    const report = reporting();
    const answer = await leased.report('ann', 1, [report({ type: hidden.name, value: 7 })]);
    const state = { version: 1, state: { now: 7, most: 7 } };
    expect(cache.feedsOf(CHANNEL)).toEqual({ [hidden.name]: { [ORIGIN]: state } });
    expect([updates, answer.size]).toEqual([[], 0]);
    await clock.advance(62_000);
    expect(states.own(CHANNEL, hidden.name, ORIGIN)?.state).toEqual({ now: 0, most: 7 });
  });

  it('cache such a state again after a failure', async () => {
    const { cache, clock, dispatcher, failures } = ground();
    const { leased } = dispatcher();
    const put = cache.put.bind(cache);
    cache.put = () => Promise.reject(new LikestreamError('directory_unavailable'));
    await leased.report('ann', 1, [reporting()({ type: hidden.name })]);
    expect(failures).toEqual(['write cache']);
    cache.put = put;
    await clock.advance(1_100);
    expect(cache.feedsOf(CHANNEL)?.[hidden.name]?.[ORIGIN]?.version).toBe(1);
  });
});

describe('LeasedFeeds after Redis began anew', () => {
  it('publish nothing until all workers could renew twice, then the newest states', async () => {
    const { clock, dispatcher } = ground();
    const { leased, published, updates } = dispatcher();
    const report = reporting();
    leased.holdBack();
    for (const id of ['ann', 'bob', 'eve']) {
      expect((await leased.report(id, 1, [report()])).size).toBe(0);
      await clock.advance(900);
    }
    expect([leased.isHolding, updates, published]).toEqual([true, [], []]);
    await clock.advance(RENEWALS_WAIT_MS - 2_700);
    expect(leased.isHolding).toBe(false);
    expect(statesIn(updates)).toEqual([[CHANNEL, 3, { now: 3, most: 3 }]]);
    expect(published.map(({ own }) => own)).toEqual([3]);
  });

  it('publish above each version that workers have, which may be of other values', async () => {
    const { clock, contributions, dispatcher } = ground();
    const report = reporting();
    // A failover has lost the version 2 that ann has seen; bob's report was the next one.
    await contributions.report('ann', 1, [report()]);
    await contributions.report('bob', 1, [report()]);
    const { leased, updates } = dispatcher();
    leased.holdBack();
    await leased.report('ann', 1, [report({ seen: 2 })]);
    await clock.advance(RENEWALS_WAIT_MS);
    const [[, version = 0] = []] = statesIn(updates);
    expect(version).toBeGreaterThan(2);
  });

  it('publish nothing either if Redis has lost a feed and no connection', async () => {
    const { clock, dispatcher } = ground();
    const { leased, updates } = dispatcher();
    const report = reporting();
    await leased.report('ann', 1, [report({ value: 2, seen: 5 })]);
    expect(leased.isHolding).toBe(true);
    await clock.advance(2 * RENEWALS_WAIT_MS - RENEW_MS - 10);
    await leased.report('bob', 1, [report({ value: 3, seen: 5 })]);
    expect(updates).toEqual([]);
    await clock.advance(20);
    const [[, version, state] = []] = statesIn(updates);
    expect([updates.length, version, state]).toEqual([1, 7, { now: 5, most: 5 }]);
  });

  it('publish in between if Redis loses feeds again and again', async () => {
    const { clock, dispatcher } = ground();
    const { leased, updates } = dispatcher();
    const report = reporting();
    for (let round = 0; round < 5; round++) {
      await leased.report(`ann-${round}`, 1, [report({ channel: `video:${round}`, seen: 5 })]);
      await clock.advance(2_000);
    }
    expect(updates).toHaveLength(5);
  });

  it('begin the wait anew if it begins anew again', async () => {
    const { clock, dispatcher } = ground();
    const { leased, updates } = dispatcher();
    leased.holdBack();
    await leased.report('ann', 1, [reporting()()]);
    await clock.advance(2_000);
    leased.holdBack();
    await clock.advance(RENEWALS_WAIT_MS - 10);
    expect(updates).toEqual([]);
    await clock.advance(20);
    expect(updates).toHaveLength(1);
  });
});

describe('LeasedFeeds at the end', () => {
  it('save what is not saved', async () => {
    const { dispatcher, states } = ground();
    const { leased } = dispatcher();
    await leased.report('ann', 1, [reporting()({ value: 5 })]);
    expect(states.own(CHANNEL, levels.name, ORIGIN)).toBeUndefined();
    await leased.finish();
    expect(states.own(CHANNEL, levels.name, ORIGIN)?.state).toEqual({ now: 0, most: 5 });
  });
});

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
