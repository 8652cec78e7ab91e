import { MAX_EARLY_REPORT_BYTES, PendingChanges } from '../../frontends/pending-changes';
import { MAX_REPORTS_BYTES, MAX_REPORTS_PER_REQUEST } from '../../frontends/report-batch';
import type { ReportSource } from '../../frontends/report-source';
import { MAX_CHANNELS_PER_REQUEST } from '../../frontends/request-size';
import { bucketOf, jsonBytes, MAX_MESSAGE_BYTES, type Report } from '../../schemas/delivery';
import { MAX_CHANNEL_LENGTH } from '../../schemas/report';

const known = new Map<string, number>();

/** The bucket of a channel; the hash of thousands of names is computed once. */
function bucketIn(channel: string): number {
  const bucket = known.get(channel) ?? bucketOf(channel);
  known.set(channel, bucket);
  return bucket;
}

/** Values by channel, of one type. */
function pending(
  values = new Map<string, string>(),
  held: readonly string[] = [],
  built: string[] = [],
  most = { channels: MAX_CHANNELS_PER_REQUEST, reports: MAX_REPORTS_PER_REQUEST },
) {
  let numbers = 0;
  const source: ReportSource = {
    typesOf: (channel) => (channel.startsWith('video:') ? ['viewers'] : []),
    reportOf(channel, type) {
      numbers += 1;
      built.push(channel);
      const value = values.get(channel);
      return { channel, type, number: numbers, seen: 0, ...(value && { value }) };
    },
    valuesIn: (bucket) =>
      [...values.keys()]
        .filter((channel) => bucketIn(channel) === bucket)
        .map((channel) => ({ channel, type: 'viewers' })),
    acknowledged: () => undefined,
  };
  const inBucket = (bucket: number) => held.filter((one) => bucketIn(one) === bucket);
  return new PendingChanges(source, inBucket, most);
}

function channelsOf(reports: readonly Report[]): string[] {
  return reports.map(({ channel }) => channel);
}

/** Takes requests until nothing is left. */
function all(changes: PendingChanges) {
  const requests = [];
  while (!changes.isEmpty) requests.push(changes.next());
  return requests;
}

describe('a request', () => {
  it('has the reports of the channels that it joins', () => {
    const changes = pending();
    for (let at = 0; at < MAX_CHANNELS_PER_REQUEST + 10; at++) changes.join(`video:${at}`);
    const [first, second] = all(changes);
    expect(first?.join).toHaveLength(MAX_CHANNELS_PER_REQUEST);
    expect(channelsOf(first?.reports ?? []).slice(0, MAX_CHANNELS_PER_REQUEST)).toEqual(
      first?.join,
    );
    expect(second?.join).toHaveLength(10);
  });

  it('has what it may have, and all reports of the channels that it joins', () => {
    const changes = pending(new Map(), [], [], { channels: 3, reports: 5 });
    for (let at = 0; at < 20; at++) changes.report(`video:${at}`, 'viewers');
    for (let at = 20; at < 24; at++) changes.join(`video:${at}`);
    const requests = all(changes);
    expect(requests.map(({ join, reports }) => [join.length, reports.length])).toEqual([
      [3, 5],
      [1, 5],
      [0, 5],
      [0, 5],
      [0, 4],
    ]);
    expect(channelsOf(requests[0]?.reports ?? []).slice(0, 3)).toEqual(requests[0]?.join);
  });

  it('has one report of a feed, with its newest value', () => {
    const values = new Map([['video:1', 'old']]);
    const changes = pending(values);
    changes.report('video:1', 'viewers');
    values.set('video:1', 'new');
    changes.report('video:1', 'viewers');
    expect(all(changes).map(({ reports }) => reports.map(({ value }) => value))).toEqual([['new']]);
  });

  it('has no more reports than its limits allow, and the next ones have the others', () => {
    const large = 'x'.repeat(16_384);
    const values = new Map(Array.from({ length: 100 }, (_, at) => [`video:${at}`, large]));
    const changes = pending(values);
    for (const channel of values.keys()) changes.report(channel, 'viewers');
    for (let at = 100; at < 5_000; at++) changes.report(`video:${at}`, 'viewers');
    const requests = all(changes);
    for (const { reports } of requests) {
      expect(jsonBytes(reports)).toBeLessThan(MAX_REPORTS_BYTES + 2 * MAX_REPORTS_PER_REQUEST);
      expect(reports.length).toBeLessThanOrEqual(MAX_REPORTS_PER_REQUEST);
    }
    expect(new Set(requests.flatMap(({ reports }) => channelsOf(reports))).size).toBe(5_000);
  });

  it('builds few reports in vain if many large ones wait', () => {
    const large = 'x'.repeat(16_384);
    const values = new Map(Array.from({ length: 1_000 }, (_, at) => [`video:${at}`, large]));
    const built: string[] = [];
    const changes = pending(values, [], built);
    for (const channel of values.keys()) changes.report(channel, 'viewers');
    const { reports } = changes.next();
    expect(built.length).toBeLessThanOrEqual(reports.length + 1);
  });

  it('is smaller than a message may be, with any names', () => {
    const names = 2 * MAX_CHANNELS_PER_REQUEST * (MAX_CHANNEL_LENGTH + '"",'.length);
    const separators = MAX_REPORTS_PER_REQUEST;
    expect(names + separators + MAX_REPORTS_BYTES).toBeLessThan(MAX_MESSAGE_BYTES);
  });
});

describe('an unequal bucket', () => {
  it('is sent with all its values, however little a request may have', () => {
    const names = Array.from({ length: 3_000 }, (_, at) => `video:${at}`);
    const held = names.filter((name) => bucketIn(name) === 7).slice(0, 5);
    const values = new Map(held.map((name) => [name, 'here']));
    const changes = pending(values, held, [], { channels: 5, reports: 2 });
    changes.repeat(7);
    expect(changes.next()).toMatchObject({ buckets: [7], join: held, reports: { length: 5 } });
    expect(changes.isEmpty).toBe(true);
  });

  it('is sent with all its channels and all its values, also of channels not held', () => {
    const names = Array.from({ length: 3_000 }, (_, at) => `video:${at}`);
    const inBucket = names.filter((name) => bucketOf(name) === 7);
    const [held, other] = [inBucket.slice(0, 3), inBucket[3] ?? ''];
    const changes = pending(new Map([[other, 'here']]), held);
    changes.repeat(7);
    const request = changes.next();
    expect([request.buckets, request.join]).toEqual([[7], held]);
    expect(new Set(channelsOf(request.reports))).toEqual(new Set([...held, other]));
    expect(changes.isEmpty).toBe(true);
  });

  it('that is too large is sent with its smallest values first, and then the others', () => {
    const names = Array.from({ length: 30_000 }, (_, at) => `video:${at}`);
    const inBucket = names.filter((name) => bucketOf(name) === 7);
    const value = (at: number): string => 'x'.repeat(at % 2 === 0 ? 16_384 : 10);
    const values = new Map(inBucket.map((name, at) => [name, value(at)]));
    const changes = pending(values, inBucket);
    changes.repeat(7);
    const [first, ...rest] = all(changes);
    const small = [...values].filter(([, of]) => of.length === 10).map(([name]) => name);
    expect(
      channelsOf(first?.reports ?? [])
        .slice(0, small.length)
        .sort(),
    ).toEqual(small.sort());
    const sent = [first, ...rest].flatMap((request) => channelsOf(request?.reports ?? []));
    expect(new Set(sent)).toEqual(new Set(inBucket));
    expect(rest.every(({ buckets }) => buckets.length === 0)).toBe(true);
  });
});

describe('unequal buckets that do not fit in one request', () => {
  const held = Array.from({ length: 5_000 }, (_, at) => `video:${at}`);
  const buckets = Array.from({ length: 256 }, (_, bucket) => bucket);

  it('are sent after all their small values, which cost little', () => {
    const large = 'x'.repeat(MAX_EARLY_REPORT_BYTES);
    const values = new Map(held.map((name, at) => [name, at % 10 === 0 ? large : 'here']));
    const changes = pending(values, held);
    for (const bucket of buckets) changes.repeat(bucket);
    const requests = all(changes);
    const [first, second, third, fourth] = requests;
    const early = [first, second, third].flatMap((request) => request?.reports ?? []);
    const small = held.filter((_, at) => at % 10 !== 0);
    expect(channelsOf(early).sort()).toEqual([...small].sort());
    expect([first, second, third].map((request) => request?.join)).toEqual([[], [], []]);
    expect(first?.buckets).toEqual([]);
    expect(fourth?.join).not.toEqual([]);
    expect(requests.flatMap((request) => request.buckets).sort()).toEqual([...buckets].sort());
    expect(requests.flatMap((request) => request.join).sort()).toEqual([...held].sort());
  });

  it('have early values once, also if further renewals find them unequal', () => {
    const changes = pending(new Map(held.map((name) => [name, 'here'])), held);
    const repeat = () => buckets.forEach((bucket) => void changes.repeat(bucket));
    repeat();
    const early = [changes.next(), changes.next(), changes.next()];
    expect(early.map(({ reports }) => reports.length)).toEqual([2_000, 2_000, 1_000]);
    repeat();
    expect(changes.next().join).not.toEqual([]);
  });

  it('are sent at once if they have no values', () => {
    const changes = pending(new Map(), held);
    for (const bucket of buckets) changes.repeat(bucket);
    expect(changes.next().join).not.toEqual([]);
  });

  it('have no early values after `keepReports`', () => {
    const changes = pending(new Map(held.map((name) => [name, 'here'])), held);
    for (const bucket of buckets) changes.repeat(bucket);
    changes.next();
    changes.keepReports();
    expect(changes.isEmpty).toBe(true);
    expect(changes.next().reports).toEqual([]);
  });
});

describe('a failed request', () => {
  it('is repeated with what has not changed since', () => {
    const values = new Map([['video:1', 'a']]);
    const changes = pending(values, ['video:1']);
    changes.join('video:1');
    changes.leave('video:2');
    changes.repeat(9);
    const request = changes.next();
    changes.leave('video:1');
    changes.join('video:2');
    values.set('video:1', 'b');
    changes.restore(request);
    const again = changes.next();
    expect([again.join, again.leave, again.buckets]).toEqual([['video:2'], ['video:1'], [9]]);
    expect(again.reports.find(({ channel }) => channel === 'video:1')?.value).toBe('b');
  });

  it('leaves only reports behind after `keepReports`', () => {
    const changes = pending();
    changes.join('video:1');
    changes.leave('video:2');
    changes.repeat(3);
    changes.keepReports();
    const { buckets, join, leave, reports } = changes.next();
    expect([join, leave, buckets, channelsOf(reports)]).toEqual([[], [], [], ['video:1']]);
  });
});
