import type { Contributions, LeasedFeed } from '../../adapters/contributions';
import type { Clock } from '../../runtime/clock';
import { bucketOf, DIGEST_BUCKETS } from '../../schemas/digest';
import type { EventTypes } from '../../schemas/event-types';
import type { LeasedState, LeasedStates } from './leased-states';

/** The buckets that one renewal repeats: all of them in 7 renewals, 10.5 s. */
export const REPEATED_BUCKETS_PER_TURN = 40;

/** Values that no stream carries are only repeated, and in one of so many rotations. */
const ROTATIONS_OF_HIDDEN = 2;

/** Peers take values back that were not repeated for this time, unless some were left out, ms. */
export const UNREPEATED_MS = 60_000;

/** Feeds that are read in one call. */
const FEEDS_PER_READ = 100;

/** What the workers of this datacenter have of a leased feed, for other datacenters. */
export interface Published extends LeasedFeed {
  /** The joined value of the workers; undefined if none has one. */
  readonly own: unknown;
  readonly version: number;
  readonly life: string;
}

export interface OwnValuesOptions {
  readonly contributions: Pick<Contributions, 'held' | 'read'>;
  readonly states: Pick<LeasedStates, 'ownIn'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly types: Pick<EventTypes, 'isOnStreams'>;
  /** Called for each failed repetition; the next rotation repeats it. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** Passes the values of this datacenter on: each that changes, and all again by rotation. */
export class OwnValues {
  private listener: ((published: Published) => void) | undefined;
  /** The workers whose last repetition is not over. */
  private readonly repeating = new Set<string>();
  private leftOutAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: OwnValuesOptions) {}

  listen(listener: (published: Published) => void): void {
    this.listener = listener;
  }

  /** Passes a changed value on; one that no stream carries may be large, and waits. */
  published({ channel, life, own, state, type }: LeasedState): void {
    if (own !== undefined && !this.options.types.isOnStreams(type)) return;
    this.listener?.({ channel, type, own, version: state.version, life });
  }

  /** Whether no repetition was left out or has failed in the last `2 * UNREPEATED_MS`. */
  get repeatsAll(): boolean {
    return this.options.clock.monotonic() - this.leftOutAt >= 2 * UNREPEATED_MS;
  }

  /** Notes that values are not repeated when they should be. */
  leaveOut(): void {
    this.leftOutAt = this.options.clock.monotonic();
  }

  /** Repeats the values of a worker in the buckets of this turn; begins no second repetition. */
  repeat(workerId: string, turn: number): void {
    if (!this.listener) return;
    if (this.repeating.has(workerId)) {
      this.leaveOut();
      return;
    }
    this.repeating.add(workerId);
    const ended = (): boolean => this.repeating.delete(workerId);
    const failed = (error: unknown): void => {
      this.leaveOut();
      this.options.failed('repeat values', error);
    };
    this.repeatNow(workerId, turn).catch(failed).finally(ended);
  }

  private async repeatNow(workerId: string, turn: number): Promise<void> {
    const { contributions, states } = this.options;
    const first = turn * REPEATED_BUCKETS_PER_TURN;
    const all = Array.from({ length: REPEATED_BUCKETS_PER_TURN }, (_, at) => first + at);
    const shown = all.map((at) => at % DIGEST_BUCKETS);
    // The rotation of a bucket is counted by itself: one turn may have buckets of two rotations.
    const hidden = all.filter((at) => Math.floor(at / DIGEST_BUCKETS) % ROTATIONS_OF_HIDDEN === 0);
    const withHidden = new Set(hidden.map((at) => at % DIGEST_BUCKETS));
    const held = await contributions.held(workerId, shown);
    const feeds = held.filter(({ channel, type }) => {
      return this.options.types.isOnStreams(type) || withHidden.has(bucketOf(channel));
    });
    for (let at = 0; at < feeds.length; at += FEEDS_PER_READ) {
      for (const feed of await contributions.read(feeds.slice(at, at + FEEDS_PER_READ))) {
        const { channel, life, type, version } = feed;
        const own = states.ownIn(feed);
        if (own !== undefined) this.listener?.({ channel, type, own, version, life });
      }
    }
  }
}
