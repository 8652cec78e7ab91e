import type { Clock } from '../runtime/clock';
import type { Worker } from '../schemas/delivery';
import { bucketOf, channelSum, DIGEST_BUCKETS, Digest, vectorSum } from '../schemas/digest';
import { byBucket } from './bucket-changes';
import { type Directory, LEASE_MS, ownerOf } from './directory';
import type { EmbeddedCache } from './embedded-cache';

interface Lease {
  readonly worker: Worker;
  readonly until: number;
}

/** The channels that one worker watches, by bucket, each with its sum. */
class Holdings {
  readonly digest = new Digest();
  private readonly buckets: Map<string, number>[] = [];

  set(channel: string, sum: number): void {
    const bucket = bucketOf(channel);
    const sums = this.buckets[bucket] ?? new Map<string, number>();
    this.buckets[bucket] = sums;
    this.digest.add(bucket, sum - (sums.get(channel) ?? 0));
    sums.set(channel, sum);
  }

  delete(channel: string): void {
    const bucket = bucketOf(channel);
    this.digest.add(bucket, -(this.buckets[bucket]?.get(channel) ?? 0));
    this.buckets[bucket]?.delete(channel);
  }

  inBucket(bucket: number): string[] {
    return [...(this.buckets[bucket]?.keys() ?? [])];
  }

  *all(): Iterable<string> {
    for (const sums of this.buckets) yield* sums?.keys() ?? [];
  }
}

/** The directory in memory: which workers watch which channels. The cache updates the digests. */
export class EmbeddedDirectory implements Directory {
  private readonly leases = new Map<string, Lease>();
  private readonly watchers = new Map<string, Set<string>>();
  private readonly holdings = new Map<string, Holdings>();

  constructor(
    private readonly clock: Clock,
    private readonly cache: EmbeddedCache,
  ) {
    cache.listen((channel, vector) => {
      const sum = channelSum(channel) + vectorSum(channel, vector);
      for (const id of this.watchers.get(channel) ?? []) this.holdings.get(id)?.set(channel, sum);
    });
  }

  async renew(worker: Worker): Promise<void> {
    this.leases.set(worker.id, { worker, until: this.clock.monotonic() + LEASE_MS });
    for (const id of [...this.leases.keys(), ...this.holdings.keys()]) {
      if (!this.alive(id)) this.forget(id);
    }
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
  }

  async watching(channels: readonly string[]): Promise<readonly (readonly Worker[])[]> {
    return channels.map((channel) => {
      const owner = ownerOf(channel);
      const ids = owner === undefined ? [...(this.watchers.get(channel) ?? [])] : [owner];
      return ids.map((id) => this.alive(id)).filter((worker) => worker !== undefined);
    });
  }

  private alive(id: string): Worker | undefined {
    const lease = this.leases.get(id);
    return lease && lease.until > this.clock.monotonic() ? lease.worker : undefined;
  }

  private forget(id: string): void {
    this.leases.delete(id);
    for (const channel of this.holdings.get(id)?.all() ?? []) this.unwatch(channel, id);
    this.holdings.delete(id);
  }

  private add(channel: string, id: string, holdings: Holdings): void {
    const vector = this.cache.vectorOf(channel) ?? {};
    holdings.set(channel, channelSum(channel) + vectorSum(channel, vector));
    const ids = this.watchers.get(channel);
    if (ids) ids.add(id);
    else this.watchers.set(channel, new Set([id]));
  }

  private remove(channel: string, id: string): void {
    this.unwatch(channel, id);
    this.holdings.get(id)?.delete(channel);
  }

  private unwatch(channel: string, id: string): void {
    const ids = this.watchers.get(channel);
    ids?.delete(id);
    if (ids?.size === 0) this.watchers.delete(channel);
  }
}
