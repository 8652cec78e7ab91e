import type { EventType, Seen } from '../../schemas/event-type';
import { isLogged } from '../../schemas/event-types';
import { feedText, seenOf, vectorText } from '../../schemas/place';
import { type Vector, versionsOf } from '../../schemas/state';

/**
 * The state of one feed that viewers are sent. Sent states share it as long as the view stays the
 * same, so a feed has changed between two of them if this object differs.
 */
export class FeedState {
  private seenOnce: Seen | undefined = undefined;
  /** Empty after the first use. */
  private keptPlaceText: string | undefined = undefined;

  constructor(
    readonly type: EventType,
    readonly vector: Vector,
    /** The policy's view of the vector. */
    readonly view: unknown,
    /** The time of the oldest entry since the state before, ms since the epoch. */
    readonly oldestAt: number,
  ) {}

  /** Whether viewers' places have this feed: those of logged types. */
  get isPlaced(): boolean {
    return isLogged(this.type);
  }

  /** What a viewer has seen that was sent this state. */
  get seen(): Seen {
    const { isPlaced, type, vector, view } = this;
    this.seenOnce ??= isPlaced
      ? seenOf(type.policy.total(view), vector)
      : { total: 0, versions: versionsOf(vector) };
    return this.seenOnce;
  }

  /** The vector as text, `dc1.1@1420`; empty if the feed is in no place. */
  get text(): string {
    return this.isPlaced ? vectorText(this.seen.versions) : '';
  }

  /**
   * The feed in the event ids of viewers of this channel alone (`feedText`). It is kept from the
   * second use on: most feeds that change are used once.
   */
  get placeText(): string {
    if (this.keptPlaceText) return this.keptPlaceText;
    const text = feedText(this.type.name, this.seen);
    this.keptPlaceText = this.keptPlaceText === undefined ? '' : text;
    return text;
  }
}
