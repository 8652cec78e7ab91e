import type { EventType, Seen } from '../../schemas/event-type';
import { seenOf, vectorText } from '../../schemas/place';
import type { Vector } from '../../schemas/state';

/**
 * The state of one feed that viewers are sent. Sent states share it as long as the view stays the
 * same, so a feed has changed between two of them if this object differs.
 */
export class FeedState {
  private newest: Vector;
  private newestSeen: Seen | undefined;

  constructor(
    readonly type: EventType,
    vector: Vector,
    /** The policy's view of the vector. */
    readonly view: unknown,
    /** The time of the oldest entry since the state before, ms since the epoch. */
    readonly oldestAt: number,
  ) {
    this.newest = vector;
    this.newestSeen = undefined;
  }

  get vector(): Vector {
    return this.newest;
  }

  /** What a viewer has seen that was sent this state. */
  get seen(): Seen {
    this.newestSeen ??= seenOf(this.type.policy.total(this.view), this.newest);
    return this.newestSeen;
  }

  /** The vector as text: `dc1.1@1420`. */
  get text(): string {
    return vectorText(this.seen.versions);
  }

  /**
   * Takes over the versions of a newer vector with the same view. All viewers at this state are at
   * the new versions from then on, although nothing is sent.
   */
  advance(vector: Vector): void {
    this.newest = vector;
    this.newestSeen = undefined;
  }
}
