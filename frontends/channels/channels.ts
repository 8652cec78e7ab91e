import { bucketOf, channelSum, DIGEST_BUCKETS, Digest, vectorSum } from '../../schemas/digest';
import type { Vector } from '../../schemas/state';
import { Channel } from './channel';

/**
 * The channels that this worker holds, by bucket: the subscription table in memory. Each change
 * updates the digest of channels and states.
 */
export class Channels {
  private readonly buckets = Array.from(
    { length: DIGEST_BUCKETS },
    () => new Map<string, Channel>(),
  );
  private readonly sums = new Digest();
  private count = 0;

  constructor(
    /** Called when the counts of a channel have changed, so that it must be flushed. */
    private readonly changed: (channel: Channel) => void,
  ) {}

  get(name: string): Channel | undefined {
    return this.buckets[bucketOf(name)]?.get(name);
  }

  /** Returns the channel, and creates it if it was not held; `isNew` is then true. */
  open(name: string): { channel: Channel; isNew: boolean } {
    const bucket = bucketOf(name);
    const known = this.buckets[bucket]?.get(name);
    if (known) return { channel: known, isNew: false };
    const channel = new Channel(name);
    this.buckets[bucket]?.set(name, channel);
    this.sums.add(bucket, channelSum(name));
    this.count += 1;
    return { channel, isNew: true };
  }

  /** Applies a channel's state. Has no effect if nothing is newer or the channel is not held. */
  apply(name: string, vector: Vector, t: number): void {
    const bucket = bucketOf(name);
    const channel = this.buckets[bucket]?.get(name);
    if (!channel) return;
    const before = channel.vector;
    const isChanged = channel.apply(vector, t);
    if (channel.vector !== before) {
      this.sums.add(bucket, vectorSum(name, channel.vector) - vectorSum(name, before));
    }
    if (isChanged) this.changed(channel);
  }

  /** Removes and returns the channel; undefined if it is not held. */
  remove(name: string): Channel | undefined {
    const bucket = bucketOf(name);
    const channel = this.buckets[bucket]?.get(name);
    if (!channel) return undefined;
    this.buckets[bucket]?.delete(name);
    this.sums.add(bucket, -channelSum(name) - vectorSum(name, channel.vector));
    this.count -= 1;
    return channel;
  }

  /** The names of the channels held in a bucket. */
  inBucket(bucket: number): readonly string[] {
    return [...(this.buckets[bucket]?.keys() ?? [])];
  }

  /** The digest of the channels held and their states. */
  digest(): readonly number[] {
    return this.sums.values();
  }

  /** The number of these channels that are not held yet. */
  countNew(names: readonly string[]): number {
    return names.filter((name) => !this.get(name)).length;
  }

  get size(): number {
    return this.count;
  }
}
