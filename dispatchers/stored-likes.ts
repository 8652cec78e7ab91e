import type { LikeStore, Offsets } from '../producers/store';
import type { Clock } from '../runtime/clock';
import type { Fold } from './fold';
import { byChannel, type Logged } from './log-event';

// A new owner reads what peers told back to a window and a quarter ago; a copy comes within a window.
const LATE_WINDOWS = 0.25;

export interface StoredLikesParts {
  readonly fold: Fold;
  readonly store: LikeStore;
  readonly clock: Clock;
  readonly windowMs: number;
  /** Undefined where there is one datacenter. */
  readonly peers?: unknown;
}

/** What the store knows of likes that an owner's window cannot tell of. */
export class StoredLikes {
  constructor(private readonly parts: StoredLikesParts) {}

  /** Which logs have each of those events' likes that have to be asked for. */
  async of(events: readonly Logged[]): Promise<Map<Logged, Offsets>> {
    const stored = new Map<Logged, Offsets>();
    for (const [channel, theirs] of byChannel(events.filter((event) => this.isAsked(event)))) {
      const ids = theirs.map(({ record }) => record.likeId);
      const offsets = await this.parts.store.offsets(channel, ids);
      for (const event of theirs) {
        const found = offsets.get(event.record.likeId);
        if (found) stored.set(event, found);
      }
    }
    return stored;
  }

  private isAsked(event: Logged): boolean {
    return event.record.at <= this.parts.fold.lookUpUntil(event.channel) || this.isLate(event);
  }

  /** Whether a peer may have told of its id before the time from which we have read peers. */
  private isLate({ record }: Logged): boolean {
    const { clock, peers, windowMs } = this.parts;
    return peers !== undefined && clock.now() - record.at > windowMs * LATE_WINDOWS;
  }
}
