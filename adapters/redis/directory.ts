import { channelSum, comparable, DIGEST_BUCKETS } from '../../schemas/digest';
import { asLikestreamError } from '../../schemas/errors';
import type { Names } from '../../schemas/names';
import type { Directory } from '../directory';
import { type BucketChange, byBucket } from '../shared/bucket-changes';
import { inBatches } from './batches';
import type { RedisCommands } from './commands';
import { CHECKED_BUCKETS_PER_TURN, HELD_MS, KEPT_BUCKETS_PER_TURN } from './expiry';
import { Keys, SUM_FIELD } from './keys';
import { CHANGE, CHECK, KEEP } from './scripts';

/** Renewals that check every bucket once. */
const CHECK_TURNS = DIGEST_BUCKETS / CHECKED_BUCKETS_PER_TURN;

/** The directory in Redis (`keys.ts`): which workers watch which channels. */
export class RedisDirectory implements Directory {
  private readonly keys: Keys;

  /** `origin` is that of leased states, as in `dc1.0`. */
  constructor(
    private readonly redis: RedisCommands,
    names: Pick<Names, 'keyPrefix'>,
    private readonly origin: string,
  ) {
    this.keys = new Keys(names);
  }

  async digest(id: string, turn: number): Promise<readonly number[]> {
    return this.ask(async () => {
      const first = (turn * KEPT_BUCKETS_PER_TURN) % DIGEST_BUCKETS;
      for (let bucket = first; bucket < first + KEPT_BUCKETS_PER_TURN; bucket++) {
        this.keep(id, bucket);
      }
      const sums: Promise<unknown>[] = [];
      for (let bucket = 0; bucket < DIGEST_BUCKETS; bucket++) {
        const isChecked = (bucket + turn) % CHECK_TURNS === 0;
        sums.push(isChecked ? this.check(id, bucket) : this.sum(id, bucket));
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

  async watchers(channels: readonly string[]): Promise<readonly (readonly string[])[]> {
    return this.ask(() =>
      inBatches(channels, (channel) => this.redis.smembers(this.keys.subs(channel))),
    );
  }

  private changeBucket(id: string, bucket: number, change: BucketChange): Promise<unknown> {
    const { isWhole, join, leave } = change;
    return CHANGE.run(
      this.redis,
      [this.keys.held(bucket, id), this.keys.none(bucket)],
      [
        ...[id, HELD_MS, this.keys.subsPrefix(bucket), this.keys.statePrefix(bucket)],
        ...[isWhole ? 1 : 0, leave.length, ...leave],
        ...join.flatMap((channel) => [channel, channelSum(channel)]),
      ],
    );
  }

  private sum(id: string, bucket: number): Promise<unknown> {
    return this.redis.hget(this.keys.held(bucket, id), SUM_FIELD);
  }

  private check(id: string, bucket: number): Promise<unknown> {
    const keys = [this.keys.held(bucket, id), this.keys.none(bucket)];
    const prefixes = [this.keys.subsPrefix(bucket), this.keys.leasedPrefix(bucket)];
    const state = this.keys.statePrefix(bucket);
    return CHECK.run(this.redis, keys, [...prefixes, id, state, this.origin]);
  }

  // The next rotation repeats a failed refresh, long before the expiry.
  private keep(id: string, bucket: number): void {
    const keys = [this.keys.held(bucket, id), this.keys.none(bucket)];
    const prefixes = [this.keys.subsPrefix(bucket), this.keys.leasedPrefix(bucket)];
    KEEP.run(this.redis, keys, [HELD_MS, ...prefixes]).catch(() => undefined);
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw asLikestreamError(error, 'directory_unavailable');
    }
  }
}
