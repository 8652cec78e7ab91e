import { bucketOf, channelSum, feedsSum } from '../../schemas/digest';
import type { Directory } from '../directory';
import { byBucket } from '../shared/bucket-changes';
import { type Holdings, HoldingsByWorker } from './holdings';
import type { EmbeddedCache } from './state-cache';

/** The directory in memory: which workers watch which channels. The cache updates the digests. */
export class EmbeddedDirectory implements Directory {
  /** What workers hold; the contributions add their values. */
  readonly holdings = new HoldingsByWorker();
  private readonly joined = new Map<string, Set<string>>();

  constructor(private readonly cache: EmbeddedCache) {
    cache.onChange((channel) => {
      for (const id of this.joined.get(channel) ?? []) {
        const holdings = this.holdings.get(id);
        if (holdings) this.hold(channel, holdings);
      }
    });
  }

  async digest(id: string): Promise<readonly number[]> {
    return this.holdings.digest(id);
  }

  async change(
    id: string,
    join: readonly string[],
    leave: readonly string[],
    buckets?: readonly number[],
  ): Promise<void> {
    const holdings = this.holdings.open(id);
    for (const [bucket, change] of byBucket(join, leave, buckets)) {
      for (const channel of change.leave) this.remove(channel, id);
      if (change.isWhole) {
        const joined = new Set(change.join);
        for (const channel of holdings.channels.inBucket(bucket)) {
          if (!joined.has(channel)) this.remove(channel, id);
        }
      }
      for (const channel of change.join) this.add(channel, id, holdings);
    }
    this.holdings.closeIfEmpty(id);
  }

  async watchers(channels: readonly string[]): Promise<readonly (readonly string[])[]> {
    return channels.map((channel) => [...(this.joined.get(channel) ?? [])]);
  }

  private hold(channel: string, holdings: Holdings): void {
    const sum = channelSum(channel) + feedsSum(channel, this.cache.onStreamsOf(channel));
    holdings.channels.set(bucketOf(channel), channel, sum);
  }

  private add(channel: string, id: string, holdings: Holdings): void {
    this.hold(channel, holdings);
    const ids = this.joined.get(channel);
    if (ids) ids.add(id);
    else this.joined.set(channel, new Set([id]));
  }

  private remove(channel: string, id: string): void {
    this.unwatch(channel, id);
    this.holdings.get(id)?.channels.delete(bucketOf(channel), channel);
  }

  private unwatch(channel: string, id: string): void {
    const ids = this.joined.get(channel);
    ids?.delete(id);
    if (ids?.size === 0) this.joined.delete(channel);
  }
}
