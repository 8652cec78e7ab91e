import { hidden, levels, stays } from '../../contract/leased-types';
import { range } from '../../end-to-end/api';
import { CHANNEL, ground, reporting, statesIn } from './ground';

describe('LeasedFeeds of several datacenters', () => {
  it('pass the value of this datacenter on, and none after changes of others', async () => {
    const { dispatcher } = ground();
    const { leased, published, updates } = dispatcher();
    const report = reporting();
    await leased.report('dc:dc2', 1, [report({ value: 10 })]);
    expect(published).toEqual([]);
    await leased.report('ann', 1, [report({ value: 1 })]);
    expect(statesIn(updates).at(-1)).toEqual([CHANNEL, 2, { now: 11, most: 11 }]);
    const first = { channel: CHANNEL, type: levels.name, version: 2, life: 'life-1', own: 1 };
    expect(published).toEqual([first]);
    await leased.report('ann', 1, [report({ value: undefined })]);
    expect(published.at(-1)).toEqual({ ...first, version: 3, own: undefined });
  });

  it('ignore an equal value of another datacenter', async () => {
    const { dispatcher } = ground();
    const { leased, updates } = dispatcher();
    const report = reporting();
    for (let round = 0; round < 3; round++) {
      await leased.report('dc:dc2', round, [report({ value: 10 })]);
    }
    expect(updates).toHaveLength(1);
  });
});

describe('LeasedFeeds that repeat values for other datacenters', () => {
  it('repeat those of a worker within 7 renewals, with their versions', async () => {
    const { clock, dispatcher } = ground();
    const { leased, published, updates } = dispatcher();
    const report = reporting();
    const channels = range(150).map((at) => `video:${at}`);
    await leased.report(
      'ann',
      1,
      channels.map((channel) => report({ channel, value: 2 })),
    );
    await leased.report('bob', 1, [report({ value: 1 }), report({ type: stays.name })]);
    const [sent, before] = [updates.length, published.splice(0)];
    for (const turn of range(7)) {
      leased.repeat('ann', turn);
      await clock.advance(10);
    }
    expect(updates).toHaveLength(sent);
    const repeated = new Map(published.map(({ channel, own }) => [channel, own]));
    expect([...repeated.keys()].sort()).toEqual([...channels].sort());
    expect([repeated.get(CHANNEL), repeated.get('video:2')]).toEqual([3, 2]);
    const last = before.filter(({ channel, type }) => channel === CHANNEL && type === levels.name);
    expect(published.find(({ channel }) => channel === CHANNEL)).toEqual(last.at(-1));
  });

  it('repeat values that no stream carries every second time, and pass no change on', async () => {
    const { clock, dispatcher } = ground();
    const { leased, published } = dispatcher();
    const report = reporting();
    const type = hidden.name;
    const channels = range(40).map((at) => `video:${at}`);
    await leased.report(
      'ann',
      1,
      channels.map((channel) => report({ channel, type })),
    );
    expect(published).toEqual([]);
    for (const turn of range(25)) {
      leased.repeat('ann', turn);
      await clock.advance(10);
    }
    const times = channels.map(
      (name) => published.filter(({ channel }) => channel === name).length,
    );
    expect(new Set(times)).toEqual(new Set([2]));
    published.splice(0);
    await leased.report('ann', 1, [report({ channel: 'video:1', type, value: undefined })]);
    expect(published).toMatchObject([{ channel: 'video:1', own: undefined }]);
  });

  it('repeat nothing while they hold back', async () => {
    const { clock, dispatcher } = ground();
    const { leased, published } = dispatcher();
    await leased.report('ann', 1, [reporting()()]);
    published.splice(0);
    leased.holdBack();
    for (const turn of range(7)) leased.repeat('ann', turn);
    await clock.advance(10);
    expect(published).toEqual([]);
  });
});
