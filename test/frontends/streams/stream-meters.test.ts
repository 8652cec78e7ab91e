import { StreamMeters } from '../../../frontends/streams/stream-meters';
import type { LeasedType } from '../../../schemas/event-type';
import { EventTypes } from '../../../schemas/event-types';
import { estimate } from '../../../schemas/hyperloglog';
import { presence } from '../../../schemas/presence';
import type { Vector } from '../../../schemas/state';
import { viewers } from '../../../schemas/viewers';
import { visitors } from '../../../schemas/visitors';
import { VirtualClock } from '../../simulation/virtual-clock';

const VIDEO = 'video:1';
const EPOCH_MS = 1_700_000_000_000;

function metered(types: readonly LeasedType[] = [viewers, visitors, presence]) {
  const clock = new VirtualClock();
  const vectors = new Map<string, Vector>();
  /** Each new report as its type, its value and its time. */
  const reports: [string, unknown, number][] = [];
  const meters = new StreamMeters({
    types: new EventTypes(types),
    clock,
    vectorOf: (channel, type) => vectors.get(`${channel}/${type}`),
    changed: (channel, type) => {
      const report = meters.reportOf(channel, type);
      reports.push([type, report.value, clock.monotonic()]);
      meters.acknowledged([report]);
    },
  });
  const show = (count: number, version: number): void => {
    vectors.set(`${VIDEO}/viewers`, { 'dc1.0': { version, state: { count, peak: 0 } } });
    meters.delivered(VIDEO, ['viewers']);
  };
  return { clock, meters, reports, show, vectors };
}

describe('the streams of a channel', () => {
  it('are reported at once when the first opens, and when the last closes', async () => {
    const { clock, meters, reports } = metered([viewers]);
    meters.joined(VIDEO, 'ann');
    await clock.advance(100);
    meters.left(VIDEO);
    expect(reports).toEqual([
      ['viewers', { streams: 1, stood: 0 }, 0],
      ['viewers', undefined, 100],
    ]);
  });

  it('are reported at most once in `reportEveryMs` while they change', async () => {
    const { clock, meters, reports } = metered([viewers]);
    for (let at = 0; at < 300; at++) {
      meters.joined(VIDEO, `member-${at}`);
      await clock.advance(10);
    }
    await clock.advance(viewers.reportEveryMs);
    expect(reports.at(-1)?.[1]).toEqual({ streams: 300, stood: 0 });
    expect(reports.length).toBeLessThanOrEqual(3_000 / viewers.reportEveryMs + 2);
  });

  it('that open and close all the time cause at most two reports in that time', async () => {
    const { clock, meters, reports } = metered([viewers]);
    for (let at = 0; at < 300; at++) {
      meters.joined(VIDEO, 'ann');
      await clock.advance(5);
      meters.left(VIDEO);
      await clock.advance(5);
    }
    expect(reports.length).toBeLessThanOrEqual(2 * (3_000 / viewers.reportEveryMs + 1));
    expect(reports.at(-1)?.[1]).toBeUndefined();
  });

  it('are not reported if their number is the same again', async () => {
    const { clock, meters, reports } = metered([viewers]);
    meters.joined(VIDEO, 'ann');
    meters.joined(VIDEO, 'ben');
    meters.left(VIDEO);
    await clock.advance(10_000);
    expect(reports).toHaveLength(1);
  });

  it('leave nothing behind once they are closed', async () => {
    const { clock, meters } = metered();
    meters.memberOpened('ann');
    meters.joined(VIDEO, 'ann');
    meters.left(VIDEO);
    meters.memberClosed('ann');
    expect(meters.size).toBeGreaterThan(0);
    await clock.advance(60_000);
    expect([meters.size, meters.digest().every((sum) => sum === 0)]).toEqual([0, true]);
  });

  it('of another kind, or of types without streams, are not measured', () => {
    const { meters, reports } = metered();
    meters.joined('conversation:1', 'ann');
    expect([meters.size, reports]).toEqual([0, []]);
  });
});

describe('the level that stood', () => {
  it('is reported once it has stood for `standsMs`', async () => {
    const { clock, meters, reports, show } = metered([viewers]);
    meters.joined(VIDEO, 'ann');
    show(7, 1);
    await clock.advance(10_100);
    expect(reports.map(([, value]) => value)).toEqual([
      { streams: 1, stood: 0 },
      { streams: 1, stood: 7 },
    ]);
  });

  it('is not one that was reached for less', async () => {
    const { clock, meters, reports, show } = metered([viewers]);
    meters.joined(VIDEO, 'ann');
    show(7, 1);
    await clock.advance(9_000);
    show(3, 2);
    await clock.advance(2_000);
    expect(reports.at(-1)?.[1]).toEqual({ streams: 1, stood: 3 });
  });
});

describe('the visitors of a channel', () => {
  it('are all members who opened a stream, reported before the value goes', async () => {
    const { clock, meters, reports } = metered([visitors]);
    for (const member of ['ann', 'ben', 'ann']) meters.joined(VIDEO, member);
    await clock.advance(1_000);
    for (let at = 0; at < 3; at++) meters.left(VIDEO);
    await clock.advance(10_000);
    const counts = reports.map(([, value]) => (value === undefined ? 0 : estimate(String(value))));
    expect(counts).toEqual([1, 2, 0]);
    expect(reports.at(-1)?.[2]).toBeGreaterThanOrEqual(1_000 + visitors.graceMs);
  });

  it('are kept until the report has arrived, for a minute at most', async () => {
    const clock = new VirtualClock();
    const meters = new StreamMeters({
      ...{ types: new EventTypes([visitors]), clock },
      vectorOf: () => undefined,
      changed: () => undefined,
    });
    meters.joined(VIDEO, 'ann');
    meters.left(VIDEO);
    await clock.advance(30_000);
    const kept = meters.reportOf(VIDEO, 'visitors');
    expect(estimate(String(kept.value))).toBe(1);
    await clock.advance(60_000);
    expect([meters.size, meters.reportOf(VIDEO, 'visitors').value]).toEqual([0, undefined]);
  });
});

describe('the streams of a member', () => {
  it('are reported when the last one is closed, and are gone after the grace', async () => {
    const { clock, meters, reports } = metered([presence]);
    meters.memberOpened('ann');
    await clock.advance(5_000);
    meters.memberOpened('ann');
    meters.memberClosed('ann');
    await clock.advance(5_000);
    meters.memberClosed('ann');
    await clock.advance(presence.graceMs + 100);
    expect(reports.map(([, value]) => value)).toEqual([
      { streams: 1 },
      { streams: 0, closedAt: EPOCH_MS + 10_000 },
      undefined,
    ]);
    expect(reports.at(-1)?.[2]).toBeGreaterThanOrEqual(10_000 + presence.graceMs);
  });

  it('that come back within the grace never go', async () => {
    const { clock, meters, reports } = metered([presence]);
    meters.memberOpened('ann');
    for (let at = 0; at < 5; at++) {
      await clock.advance(2_000);
      meters.memberClosed('ann');
      await clock.advance(presence.graceMs - 1_000);
      meters.memberOpened('ann');
    }
    expect(reports.every(([, value]) => value !== undefined)).toBe(true);
  });
});

describe('a report', () => {
  it('has the version that the worker holds, and a number greater than all before', () => {
    const { meters, show } = metered([viewers]);
    meters.joined(VIDEO, 'ann');
    show(1, 41);
    const first = meters.reportOf(VIDEO, 'viewers');
    expect(first).toMatchObject({ seen: 41, value: { streams: 1, stood: 0 } });
    expect(meters.reportOf(VIDEO, 'viewers')).toEqual(first);
    meters.left(VIDEO);
    const last = meters.reportOf(VIDEO, 'viewers');
    expect(last.value).toBeUndefined();
    expect(last.number).toBeGreaterThan(first.number);
  });

  it('is made of all changes at once by `reportAll`', () => {
    const { meters, reports } = metered([visitors]);
    for (const member of ['ann', 'ben', 'cleo']) meters.joined(VIDEO, member);
    meters.reportAll();
    expect(reports.map(([, value]) => estimate(String(value)))).toEqual([1, 3]);
  });
});

test('10,000 channels are measured without a long pass over all of them', async () => {
  const { clock, meters, reports } = metered([viewers]);
  for (let at = 0; at < 10_000; at++) meters.joined(`video:${at}`, 'ann');
  for (let at = 0; at < 10_000; at++) meters.joined(`video:${at}`, 'ben');
  const before = reports.length;
  const lengths: number[] = [];
  const watch = (): void => {
    lengths.push(reports.length - before);
    if (reports.length < before + 10_000) clock.after(0, watch);
  };
  clock.after(viewers.reportEveryMs, watch);
  await clock.advance(viewers.reportEveryMs + 100);
  expect(reports).toHaveLength(20_000);
  const steps = lengths.slice(1).map((length, at) => length - (lengths[at] ?? 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(500);
});
