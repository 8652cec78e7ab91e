import { bucketOf, channelSum, DIGEST_BUCKETS, Digest, feedsSum } from '../../schemas/digest';
import type { Directory } from '../directory';
import { byBucket } from '../shared/bucket-changes';
import type { EmbeddedCache } from './state-cache';

/** The channels that one worker watches, by bucket, each with its sum. */
class Holdings {
  readonly digest = new Digest();
  size = 0;
  private readonly buckets: Map<string, number>[] = [];

  set(channel: string, sum: number): void {
    const bucket = bucketOf(channel);
    const sums = this.buckets[bucket] ?? new Map<string, number>();
    this.buckets[bucket] = sums;
    const before = sums.get(channel);
    if (before === undefined) this.size += 1;
    this.digest.add(bucket, sum - (before ?? 0));
    sums.set(channel, sum);
  }

  delete(channel: string): void {
    const bucket = bucketOf(channel);
    const before = this.buckets[bucket]?.get(channel);
    if (before === undefined) return;
    this.digest.add(bucket, -before);
    this.buckets[bucket]?.delete(channel);
    this.size -= 1;
  }

  inBucket(bucket: number): string[] {
    return [...(this.buckets[bucket]?.keys() ?? [])];
  }
}

/** The directory in memory: which workers watch which channels. The cache updates the digests. */
export class EmbeddedDirectory implements Directory {
  private readonly joined = new Map<string, Set<string>>();
  private readonly holdings = new Map<string, Holdings>();

  constructor(private readonly cache: EmbeddedCache) {
    cache.onChange((channel, feeds) => {
      const sum = channelSum(channel) + feedsSum(channel, feeds);
      for (const id of this.joined.get(channel) ?? []) this.holdings.get(id)?.set(channel, sum);
    });
  }

  async digest(id: string): Promise<readonly number[]> {
    return this.holdings.get(id)?.digest.values() ?? new Array<number>(DIGEST_BUCKETS).fill(0);
  }

  async change(
    id: string,
    join: readonly string[],
    leave: readonly string[],
    buckets?: readonly number[],
  ): Promise<void> {
    const holdings = this.holdings.get(id) ?? new Holdings();
    this.holdings.set(id, holdings);
    for (const [bucket, change] of byBucket(join, leave, buckets)) {
      for (const channel of change.leave) this.remove(channel, id);
      if (change.isWhole) {
        const joined = new Set(change.join);
        for (const channel of holdings.inBucket(bucket)) {
          if (!joined.has(channel)) this.remove(channel, id);
        }
      }
      for (const channel of change.join) this.add(channel, id, holdings);
    }
    if (holdings.size === 0) this.holdings.delete(id);
  }

  async watchers(channels: readonly string[]): Promise<readonly (readonly string[])[]> {
    return channels.map((channel) => [...(this.joined.get(channel) ?? [])]);
  }

  private add(channel: string, id: string, holdings: Holdings): void {
    const feeds = this.cache.feedsOf(channel) ?? {};
    holdings.set(channel, channelSum(channel) + feedsSum(channel, feeds));
    const ids = this.joined.get(channel);
    if (ids) ids.add(id);
    else this.joined.set(channel, new Set([id]));
  }

  private remove(channel: string, id: string): void {
    this.unwatch(channel, id);
    this.holdings.get(id)?.delete(channel);
  }

  private unwatch(channel: string, id: string): void {
    const ids = this.joined.get(channel);
    ids?.delete(id);
    if (ids?.size === 0) this.joined.delete(channel);
  }
}
