import type { Contributions, LeasedFeed } from '../../adapters/contributions';
import type { Clock } from '../../runtime/clock';
import { DIGEST_BUCKETS } from '../../schemas/digest';
import type { LeasedState, LeasedStates } from './leased-states';

/** The buckets that one renewal repeats: all of them in 7 renewals, 10.5 s. */
export const REPEATED_BUCKETS_PER_TURN = 40;

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

  published({ channel, life, own, state, type }: LeasedState): void {
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
    const buckets = Array.from({ length: REPEATED_BUCKETS_PER_TURN }, (_, at) => {
      return (turn * REPEATED_BUCKETS_PER_TURN + at) % DIGEST_BUCKETS;
    });
    const feeds = await contributions.held(workerId, buckets);
    for (let at = 0; at < feeds.length; at += FEEDS_PER_READ) {
      for (const feed of await contributions.read(feeds.slice(at, at + FEEDS_PER_READ))) {
        const { channel, life, type, version } = feed;
        const own = states.ownIn(feed);
        if (own !== undefined) this.listener?.({ channel, type, own, version, life });
      }
    }
  }
}
