import type { Redis } from 'ioredis';
import type { Worker } from '../schemas/delivery';
import { channelSum, comparable, DIGEST_BUCKETS } from '../schemas/digest';
import { asLikestreamError } from '../schemas/errors';
import { inBatches } from './batches';
import { type BucketChange, byBucket } from './bucket-changes';
import { type Directory, HELD_MS, KEPT_BUCKETS_PER_TURN, LEASE_MS, ownerOf } from './directory';
import { heldKey, leaseKey, SUM_FIELD, statePrefix, subsKey, subsPrefix } from './redis-keys';
import { CHANGE, KEEP } from './redis-scripts';

/** Channels whose watchers are kept in memory in case Redis loses them; the oldest are evicted. */
const MAX_REMEMBERED = 50_000;

/**
 * The directory in Redis (`redis-keys.ts`): which workers watch which channels. A look-up removes
 * workers without a lease from the channel's set; the keys of a stopped worker expire.
 */
export class RedisDirectory implements Directory {
  private readonly lastKnown = new Map<string, readonly Worker[]>();

  constructor(private readonly redis: Redis) {}

  async renew({ id, url }: Worker): Promise<void> {
    await this.ask(() => this.redis.set(leaseKey(id), url, 'PX', LEASE_MS));
  }

  async digest(id: string, turn: number): Promise<readonly number[]> {
    return this.ask(async () => {
      const first = (turn * KEPT_BUCKETS_PER_TURN) % DIGEST_BUCKETS;
      for (let bucket = first; bucket < first + KEPT_BUCKETS_PER_TURN; bucket++) {
        this.keep(id, bucket);
      }
      const sums: Promise<string | null>[] = [];
      for (let bucket = 0; bucket < DIGEST_BUCKETS; bucket++) {
        sums.push(this.redis.hget(heldKey(bucket, id), SUM_FIELD));
      }
      return (await Promise.all(sums)).map((sum) => comparable(Number(sum ?? 0)));
    });
  }

  async change(
    id: string,
    join: readonly string[],
    leave: readonly string[],
    buckets?: readonly number[],
  ): Promise<void> {
    const changes = [...byBucket(join, leave, buckets)];
    await this.ask(() =>
      inBatches(changes, ([bucket, change]) => this.changeBucket(id, bucket, change)),
    );
  }

  async watching(channels: readonly string[]): Promise<readonly (readonly Worker[])[]> {
    try {
      return await this.lookUp(channels);
    } catch (error) {
      const known = channels.map((channel) => this.lastKnown.get(channel));
      if (known.some((workers) => workers === undefined)) {
        throw asLikestreamError(error, 'directory_unavailable');
      }
      return known.map((workers) => workers ?? []);
    }
  }

  private changeBucket(id: string, bucket: number, change: BucketChange): Promise<unknown> {
    const { isWhole, join, leave } = change;
    return CHANGE.run(
      this.redis,
      [heldKey(bucket, id)],
      [
        ...[id, HELD_MS, subsPrefix(bucket), statePrefix(bucket)],
        ...[isWhole ? 1 : 0, leave.length, ...leave],
        ...join.flatMap((channel) => [channel, channelSum(channel)]),
      ],
    );
  }

  // The next rotation repeats a failed refresh, long before the expiry.
  private keep(id: string, bucket: number): void {
    const keys = [heldKey(bucket, id)];
    KEEP.run(this.redis, keys, [HELD_MS, subsPrefix(bucket)]).catch(() => undefined);
  }

  private async lookUp(channels: readonly string[]): Promise<(readonly Worker[])[]> {
    const ids = await inBatches(channels, (channel) => this.watchers(channel));
    const live = await this.alive(new Set(ids.flat()));
    return channels.map((channel, at) => {
      const theirs = ids[at] ?? [];
      for (const id of theirs) if (!live.has(id)) this.forget(channel, id);
      const workers = theirs.map((id) => live.get(id)).filter((worker) => worker !== undefined);
      this.remember(channel, workers);
      return workers;
    });
  }

  // One GET per lease: the leases are on different nodes of a Redis Cluster.
  private async alive(ids: ReadonlySet<string>): Promise<Map<string, Worker>> {
    const live = new Map<string, Worker>();
    const look = async (id: string): Promise<void> => {
      const url = await this.redis.get(leaseKey(id));
      if (url !== null) live.set(id, { id, url });
    };
    await inBatches([...ids], look);
    return live;
  }

  private async watchers(channel: string): Promise<readonly string[]> {
    const owner = ownerOf(channel);
    return owner === undefined ? this.redis.smembers(subsKey(channel)) : [owner];
  }

  // This changes the worker's digest, so a worker that comes back joins the unequal bucket again.
  private forget(channel: string, id: string): void {
    if (ownerOf(channel) !== undefined) return;
    this.change(id, [], [channel]).catch(() => undefined);
  }

  private remember(channel: string, workers: readonly Worker[]): void {
    this.lastKnown.delete(channel);
    this.lastKnown.set(channel, workers);
    for (const oldest of this.lastKnown.keys()) {
      if (this.lastKnown.size <= MAX_REMEMBERED) return;
      this.lastKnown.delete(oldest);
    }
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }
}
