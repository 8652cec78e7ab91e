import { BoundedMap } from '../../runtime/bounded-map';
import { bucketOf, reportSum } from '../../schemas/digest';
import { MAX_REMOVED, type Report } from '../../schemas/report';
import type { Versioned } from '../../schemas/state';
import type { Contributed, Contributions, LeasedFeed } from '../contributions';
import type { HoldingsByWorker } from './holdings';
import type { EmbeddedCache } from './state-cache';

/** Feeds without values whose versions are kept; the cached states have those of others. */
const MAX_EMPTY_FEEDS = 100_000;

/** Removed contributors whose beats are kept. */
const MAX_REMOVED_CONTRIBUTORS = 10_000;

/** The value of one contributor. */
interface Value {
  readonly number: number;
  readonly value: unknown;
}

/** A feed that has a version. */
export class Feed {
  version = 0;
  readonly values = new Map<string, Value>();

  constructor(
    readonly of: LeasedFeed,
    readonly life: string,
  ) {}
}

export interface EmbeddedContributionsOptions {
  readonly cache: Pick<EmbeddedCache, 'feedsOf'>;
  readonly holdings: HoldingsByWorker;
  /** The origin of leased states, as in `dc1.0`. */
  readonly origin: string;
  /** Makes the name of a feed's life. */
  readonly newLife: () => string;
}

/** The contributions in memory. */
export class EmbeddedContributions implements Contributions {
  /** The feeds with values, by name. */
  protected readonly feeds = new Map<string, Feed>();
  protected readonly empty = new BoundedMap<string, Feed>(MAX_EMPTY_FEEDS);
  /** By contributor, feeds whose values it withdrew or lost, until their versions are cached. */
  protected readonly withdrawn = new Map<string, Set<string>>();
  protected readonly removedAt = new BoundedMap<string, number>(MAX_REMOVED_CONTRIBUTORS);

  constructor(protected readonly options: EmbeddedContributionsOptions) {}

  async report(
    contributor: string,
    beat: number,
    reports: readonly Report[],
    buckets: readonly number[] = [],
  ): Promise<readonly Contributed[]> {
    if (beat <= (this.removedAt.get(contributor) ?? Number.NEGATIVE_INFINITY)) return [];
    this.forgetCached(contributor);
    const isGone = this.options.holdings.get(contributor) === undefined;
    const answers: (Contributed | undefined)[] = [];
    const reported = new Set<string>();
    for (const report of reports) {
      if (report.value !== undefined) reported.add(nameOf(report));
      const isChanged = this.write(contributor, report);
      const answer = this.answer(report, report.seen, isChanged);
      const isLost = isGone && answer?.isNew === true && report.seen > 0;
      answers.push(isLost ? { ...answer, isLost } : answer);
    }
    const { values } = this.options.holdings.open(contributor);
    for (const bucket of buckets) {
      for (const name of values.inBucket(bucket)) {
        if (reported.has(name)) continue;
        const dropped = this.drop(contributor, name);
        if (dropped) answers.push(this.answer(dropped, 0, true));
      }
    }
    this.options.holdings.closeIfEmpty(contributor);
    return answers.filter((answer) => answer !== undefined);
  }

  async remove(
    contributor: string,
    beat: number,
    types: readonly string[],
    bucket: number,
  ): Promise<readonly Contributed[]> {
    this.removedAt.set(contributor, Math.max(beat, this.removedAt.get(contributor) ?? beat));
    const held = this.options.holdings.get(contributor)?.values;
    this.forgetCached(contributor);
    const withdrawn = [...(this.withdrawn.get(contributor) ?? [])];
    const inBucket = withdrawn.filter((name) => bucketOf(feedOf(name).channel) === bucket);
    const all = new Set([...(held?.inBucket(bucket) ?? []), ...inBucket]);
    const names = [...all].filter((name) => types.includes(feedOf(name).type));
    const answers: Contributed[] = [];
    const dropped: string[] = [];
    for (const name of names) {
      const feed = this.drop(contributor, name);
      const changed = feed && this.answer(feed, 0, true);
      if (changed) answers.push(changed);
      else dropped.push(name);
      if (answers.length === MAX_REMOVED) return answers;
    }
    if (answers.length > 0) return answers;
    for (const name of dropped) {
      const uncached = this.answer(feedOf(name), 0, false);
      if (uncached) answers.push(uncached);
      if (answers.length === MAX_REMOVED) break;
    }
    this.forgetCached(contributor);
    this.options.holdings.closeIfEmpty(contributor);
    return answers;
  }

  async held(contributor: string, buckets: readonly number[]): Promise<readonly LeasedFeed[]> {
    const values = this.options.holdings.get(contributor)?.values;
    return buckets.flatMap((bucket) => (values?.inBucket(bucket) ?? []).map(feedOf));
  }

  async read(
    feeds: readonly (LeasedFeed & { readonly above?: number | undefined })[],
  ): Promise<readonly Contributed[]> {
    const answers = feeds.map((of) => {
      const isAbove = of.above !== undefined;
      return this.answer(of, (of.above ?? -1) + 1, isAbove && this.isCached(of), true);
    });
    return answers.filter((answer) => answer !== undefined);
  }

  /** Writes a report, if its number is newer; returns whether the feed has other values now. */
  private write(contributor: string, report: Report): boolean {
    const name = nameOf(report);
    const before = this.feeds.get(name)?.values.get(contributor);
    if (before && report.number <= before.number) return false;
    const { channel, number, type, value } = report;
    if (value === undefined) return this.drop(contributor, name) !== undefined;
    const feed = this.feeds.get(name) ?? this.empty.get(name) ?? this.newFeed({ channel, type });
    this.empty.delete(name);
    this.feeds.set(name, feed);
    feed.values.set(contributor, { number, value });
    const { values } = this.options.holdings.open(contributor);
    values.set(bucketOf(channel), name, reportSum(report));
    return !before || JSON.stringify(before.value) !== JSON.stringify(value);
  }

  /** Drops a value and its sum; returns its feed, undefined if there was none. */
  private drop(contributor: string, name: string): LeasedFeed | undefined {
    const bucket = bucketOf(feedOf(name).channel);
    this.options.holdings.get(contributor)?.values.delete(bucket, name);
    const withdrawn = this.withdrawn.get(contributor) ?? new Set();
    this.withdrawn.set(contributor, withdrawn.add(name));
    const feed = this.feeds.get(name);
    if (!feed?.values.delete(contributor)) return undefined;
    if (feed.values.size === 0) {
      this.feeds.delete(name);
      this.empty.set(name, feed);
    }
    return feed.of;
  }

  private forgetCached(contributor: string): void {
    const withdrawn = this.withdrawn.get(contributor);
    for (const name of withdrawn ?? []) if (this.isCached(feedOf(name))) withdrawn?.delete(name);
    if (withdrawn?.size === 0) this.withdrawn.delete(contributor);
  }

  private answer(
    of: LeasedFeed,
    above: number,
    isChanged: boolean,
    isRead = false,
  ): Contributed | undefined {
    const { channel, type } = of;
    const name = nameOf(of);
    const feed = this.feeds.get(name) ?? this.empty.get(name) ?? this.newFeed({ channel, type });
    if (feed.values.size === 0) this.empty.set(name, feed);
    const before = this.cached(of);
    const cached = before?.version ?? -1;
    const isNew = feed.version === 0;
    if (isNew || isChanged || feed.version < above || feed.version < cached) {
      feed.version = Math.max(feed.version, cached, above) + 1;
    } else if (!isRead && cached >= feed.version) {
      return undefined;
    }
    const values = new Map([...feed.values].map(([id, { value }]) => [id, value]));
    const { life, version } = feed;
    return { channel, type, version, life, isNew, isLost: false, before, values };
  }

  private cached({ channel, type }: LeasedFeed): Versioned | undefined {
    return this.options.cache.feedsOf(channel)?.[type]?.[this.options.origin];
  }

  /** Whether the version that a feed has is cached. */
  private isCached(of: LeasedFeed): boolean {
    const name = nameOf(of);
    const feed = this.feeds.get(name) ?? this.empty.get(name);
    return feed !== undefined && this.cached(of)?.version === feed.version;
  }

  private newFeed(of: LeasedFeed): Feed {
    return new Feed(of, this.options.newLife());
  }
}

function nameOf({ channel, type }: LeasedFeed): string {
  return `${type}=${channel}`;
}

function feedOf(name: string): LeasedFeed {
  const at = name.indexOf('=');
  return { type: name.slice(0, at), channel: name.slice(at + 1) };
}
