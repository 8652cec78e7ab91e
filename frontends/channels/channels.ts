import type { Clock } from '../../runtime/clock';
import { bucketOf, channelSum, DIGEST_BUCKETS, Digest, feedsSum } from '../../schemas/digest';
import type { MomentType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import type { Feeds, Vector } from '../../schemas/state';
import { type Answer, Channel } from './channel';
import type { ChannelView, ViewedChannel } from './channel-view';
import { type MomentFeed, Moments } from './moments';
import { Pacing } from './pacing';

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
  private readonly pacing: Pacing;
  private readonly moments: Moments;
  private readonly beginQuiet: ViewedChannel['beginQuiet'];

  constructor(
    readonly types: EventTypes,
    private readonly clock: Clock,
    /** Called when a view has changed, so that it must be flushed. */
    private readonly changed: (view: ChannelView) => void,
  ) {
    this.pacing = new Pacing(types, clock, changed);
    this.moments = new Moments(types, clock, (type, feed) => this.momentsDropped(type, feed));
    this.beginQuiet = (view, type) => this.pacing.beginQuiet(view, type);
  }

  get(name: string): Channel | undefined {
    return this.buckets[bucketOf(name)]?.get(name);
  }

  /** Returns the channel, and creates it if it was not held; `isNew` is then true. */
  open(name: string): { channel: Channel; isNew: boolean } {
    const bucket = bucketOf(name);
    const known = this.buckets[bucket]?.get(name);
    if (known) return { channel: known, isNew: false };
    const channel = new Channel(name, this.types, this.beginQuiet);
    this.buckets[bucket]?.set(name, channel);
    this.sums.add(bucket, channelSum(name));
    this.count += 1;
    return { channel, isNew: true };
  }

  /**
   * Applies states of a channel, delivered ones or, with `answer`, those of a dispatcher's answer.
   * Has no effect if nothing is newer or the channel is not held.
   */
  apply(name: string, feeds: Feeds, t: number, answer?: Answer): void {
    const bucket = bucketOf(name);
    const channel = this.buckets[bucket]?.get(name);
    if (!channel) return;
    const before = channel.feeds;
    const changed = channel.apply(feeds, t, answer);
    for (const type of channel.feeds === before ? [] : Object.keys(feeds)) {
      const sumIn = (of: Feeds) => feedsSum(name, { [type]: of[type] ?? {} });
      this.sums.add(bucket, sumIn(channel.feeds) - sumIn(before));
    }
    for (const view of changed) this.changed(view);
  }

  /**
   * Shows received moments of members, by member, each for the type's `showMs`; `t` is the time of
   * the oldest one. Has no effect if the channel is not held.
   */
  applyMoments(name: string, type: MomentType, moments: Vector, t: number): void {
    const channel = this.get(name);
    if (!channel || !this.moments.receive(type, channel.momentsOf(type.name), moments)) return;
    for (const view of channel.momentsChanged(type.name, t)) this.changed(view);
  }

  /** Ends all timers: moments and quiet times end no more. */
  close(): void {
    this.pacing.close();
    this.moments.close();
  }

  /** Removes and returns the channel; undefined if it is not held. */
  remove(name: string): Channel | undefined {
    const bucket = bucketOf(name);
    const channel = this.buckets[bucket]?.get(name);
    if (!channel) return undefined;
    this.buckets[bucket]?.delete(name);
    this.sums.add(bucket, -channelSum(name) - feedsSum(name, channel.feeds));
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

  private momentsDropped({ name }: MomentType, feed: MomentFeed): void {
    const channel = this.get(feed.channel);
    // A channel that was released and is held again has another feed.
    if (channel?.momentsOf(name) !== feed) return;
    for (const view of channel.momentsChanged(name, this.clock.now())) this.changed(view);
  }
}
