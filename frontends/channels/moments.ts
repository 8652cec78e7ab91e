import type { Clock } from '../../runtime/clock';
import type { MomentType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import type { Vector, Versioned } from '../../schemas/state';
import { DeadlineQueue } from './deadline-queue';

/** The most members whose moments of one type a channel shows. */
export const MAX_MEMBERS_PER_CHANNEL = 1_000;

/** The most moments of one type that a worker keeps. */
export const MAX_MOMENTS = 100_000;

/** A member's moment in a channel. */
interface Moment {
  readonly feed: MomentFeed;
  readonly memberId: string;
  versioned: Versioned;
}

/** The moments of one type in a channel, each member's newest one. */
export class MomentFeed {
  private readonly byMember = new Map<string, Moment>();
  private vectorOnce: Vector | undefined;

  constructor(readonly channel: string) {}

  /** By member, the state of its moment; another object after each change. */
  get vector(): Vector {
    this.vectorOnce ??= Object.fromEntries(
      [...this.byMember].map(([memberId, { versioned }]) => [memberId, versioned]),
    );
    return this.vectorOnce;
  }

  /** Keeps a member's moment; undefined if a newer one is known, or there is no room for it. */
  keep(memberId: string, versioned: Versioned, hasRoom: boolean): Moment | undefined {
    const known = this.byMember.get(memberId);
    if (known && versioned.version <= known.versioned.version) return undefined;
    if (!known && (!hasRoom || this.byMember.size >= MAX_MEMBERS_PER_CHANNEL)) return undefined;
    const kept = known ?? { feed: this, memberId, versioned };
    kept.versioned = versioned;
    this.byMember.set(memberId, kept);
    this.vectorOnce = undefined;
    return kept;
  }

  /** Removes a member's moment. */
  drop(memberId: string): void {
    this.byMember.delete(memberId);
    this.vectorOnce = undefined;
  }
}

/**
 * Ends the moments of all channels, each `showMs` after its last repeat was received. The time is
 * this worker's own: clocks of other machines decide nothing.
 */
export class Moments {
  private readonly queues = new Map<MomentType, DeadlineQueue<Moment>>();

  constructor(
    types: EventTypes,
    clock: Clock,
    /** Called with a feed from which moments were dropped. */
    dropped: (type: MomentType, feed: MomentFeed) => void,
  ) {
    for (const type of types.moments) {
      const end = (moments: readonly Moment[]): void => {
        for (const { feed, memberId } of moments) feed.drop(memberId);
        for (const feed of new Set(moments.map((moment) => moment.feed))) dropped(type, feed);
      };
      this.queues.set(type, new DeadlineQueue(clock, type.showMs, end));
    }
  }

  /** Adds received moments to a feed; returns whether the feed has changed. */
  receive(type: MomentType, feed: MomentFeed, vector: Vector): boolean {
    const queue = this.queues.get(type);
    if (!queue) return false;
    let isChanged = false;
    for (const [memberId, versioned] of Object.entries(vector)) {
      const kept = feed.keep(memberId, versioned, queue.size < MAX_MOMENTS);
      if (!kept) continue;
      queue.add(kept);
      isChanged = true;
    }
    return isChanged;
  }

  /** Ends all timers. */
  close(): void {
    for (const queue of this.queues.values()) queue.close();
  }
}
