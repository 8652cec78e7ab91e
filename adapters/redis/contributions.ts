import { bucketOf, DIGEST_BUCKETS, reportSum } from '../../schemas/digest';
import { asLikestreamError } from '../../schemas/errors';
import type { EventTypes } from '../../schemas/event-types';
import type { Names } from '../../schemas/names';
import { MAX_REMOVED, type Report } from '../../schemas/report';
import type { Versioned } from '../../schemas/state';
import type { Contributed, Contributions, LeasedFeed } from '../contributions';
import { inBatches } from './batches';
import type { Codes } from './codes';
import type { RedisCommands } from './commands';
import { HELD_MS } from './expiry';
import { Keys } from './keys';
import { LOST, NEW, READ, REMOVE_VALUES, REPORT } from './leased-scripts';
import { readCached } from './state-cache';

/** `TYPE=CHANNEL` */
const FEED = /^([^=]+)=(.*)$/s;

/** `NUMBER SUM VALUE` */
const VALUE = /^\d+ \d+ (.*)$/s;

/** A feed as the scripts return it. */
type Answer = readonly [string, string, string, string, number, string, readonly string[]];

export interface RedisContributionsOptions {
  readonly redis: RedisCommands;
  readonly types: Pick<EventTypes, 'parseVector'>;
  readonly names: Pick<Names, 'keyPrefix'>;
  readonly codes: Codes;
  /** The origin of leased states, as in `dc1.0`. */
  readonly origin: string;
  /** Makes the name of a feed's life. */
  readonly newLife: () => string;
}

/** The contributions in Redis (`keys.ts`). One call of a script writes all reports of a bucket. */
export class RedisContributions implements Contributions {
  private readonly keys: Keys;

  constructor(private readonly options: RedisContributionsOptions) {
    this.keys = new Keys(options.names);
  }

  async report(
    contributor: string,
    beat: number,
    reports: readonly Report[],
    buckets: readonly number[] = [],
  ): Promise<readonly Contributed[]> {
    const byBucket = groups(reports);
    const isWhole = new Set(buckets.filter((bucket) => bucket < DIGEST_BUCKETS));
    for (const bucket of isWhole) if (!byBucket.has(bucket)) byBucket.set(bucket, []);
    return this.ask([...byBucket], ([bucket, all]) =>
      REPORT.run(this.options.redis, this.heldKeys(bucket, contributor), [
        ...this.common(bucket),
        ...[contributor, beat, isWhole.has(bucket) ? 1 : 0],
        ...all.flatMap(asArguments),
      ]),
    );
  }

  remove(
    contributor: string,
    beat: number,
    types: readonly string[],
    bucket: number,
  ): Promise<readonly Contributed[]> {
    return this.ask([bucket], () =>
      REMOVE_VALUES.run(this.options.redis, this.heldKeys(bucket, contributor), [
        ...this.common(bucket),
        ...[contributor, beat, MAX_REMOVED, ...types],
      ]),
    );
  }

  async held(contributor: string, buckets: readonly number[]): Promise<readonly LeasedFeed[]> {
    const { redis } = this.options;
    try {
      const all = await inBatches(buckets, (bucket) =>
        redis.hgetall(this.keys.held(bucket, contributor)),
      );
      // A sum of 0 is that of a value that was dropped.
      const present = all.flatMap((sums) => Object.entries(sums).filter(([, sum]) => sum !== '0'));
      return present.flatMap(([field]) => asFeed(field));
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }

  read(
    feeds: readonly (LeasedFeed & { readonly above?: number | undefined })[],
  ): Promise<readonly Contributed[]> {
    return this.ask([...groups(feeds)], ([bucket, all]) =>
      READ.run(
        this.options.redis,
        [...all.slice(0, 1).map((feed) => this.keys.leased(feed)), this.keys.none(bucket)],
        [
          ...this.common(bucket),
          ...all.flatMap(({ above = -1, channel, type }) => [channel, type, above]),
        ],
      ),
    );
  }

  private heldKeys(bucket: number, contributor: string): string[] {
    return [this.keys.held(bucket, contributor), this.keys.none(bucket)];
  }

  /** The arguments that all scripts have. */
  private common(bucket: number): (string | number)[] {
    const { keys } = this;
    const prefixes = [keys.leasedPrefix(bucket), keys.statePrefix(bucket), keys.heldPrefix(bucket)];
    return [HELD_MS, ...prefixes, this.options.origin, this.options.newLife()];
  }

  private async ask<Item>(
    items: readonly Item[],
    run: (item: Item) => Promise<unknown>,
  ): Promise<readonly Contributed[]> {
    try {
      const answers = await inBatches(items, run);
      // A script's answers have this shape.
      return answers.flatMap((all) => ((all ?? []) as Answer[]).map((one) => this.parse(one)));
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }

  private parse([channel, type, version, life, is, cached, fields]: Answer): Contributed {
    const before = this.stateOf({ channel, type }, cached);
    const [isNew, isLost] = [(is & NEW) !== 0, (is & LOST) !== 0];
    const values = valuesOf(fields);
    return { channel, type, version: Number(version), life, isNew, isLost, before, values };
  }

  private stateOf(feed: LeasedFeed, cached: string): Versioned | undefined {
    const { codes, origin, types } = this.options;
    try {
      const state = readCached(codes, { ...feed, origin }, cached);
      return state && types.parseVector(feed.type, { [origin]: state })[origin];
    } catch {
      // Another release has written another shape; the saved state is used.
      return undefined;
    }
  }
}

function groups<Item extends LeasedFeed>(items: readonly Item[]): Map<number, Item[]> {
  const byBucket = new Map<number, Item[]>();
  for (const item of items) {
    const bucket = bucketOf(item.channel);
    const group = byBucket.get(bucket);
    if (group) group.push(item);
    else byBucket.set(bucket, [item]);
  }
  return byBucket;
}

function asArguments(report: Report): (string | number)[] {
  const { channel, number, seen, type, value } = report;
  const given = value === undefined ? [0, ''] : [1, JSON.stringify(value)];
  return [channel, type, number, reportSum(report), seen, ...given];
}

function asFeed(field: string): LeasedFeed[] {
  const [, type, channel] = FEED.exec(field) ?? [];
  return type === undefined || channel === undefined ? [] : [{ channel, type }];
}

/** The values of a `leased` hash: its fields and texts by turns. */
function valuesOf(fields: readonly string[]): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [contributor = '', text = ''] = fields.slice(at, at + 2);
    const value = contributor === '' ? undefined : valueIn(text);
    if (value !== undefined) values.set(contributor, value);
  }
  return values;
}

/** Undefined if it is corrupt: the values of others count, and its contributor reports it again. */
function valueIn(text: string): unknown {
  const [, value] = VALUE.exec(text) ?? [];
  if (value === undefined) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
