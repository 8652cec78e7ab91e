import type { Clock } from '../runtime/clock';
import type { Update } from '../schemas/delivery';
import { LikestreamError } from '../schemas/errors';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { Feeds } from '../schemas/state';
import type { Answer } from './channels/channel';
import type { Channels } from './channels/channels';

/** Applies the states that dispatchers deliver to this worker. */
export class Deliveries {
  constructor(
    private readonly workerId: string,
    private readonly channels: Channels,
    private readonly clock: Clock,
    private readonly measures: Measures = UNMEASURED,
    /** Called after states of these types were applied to a channel. */
    private readonly applied: (channel: string, types: readonly string[]) => void = () => undefined,
  ) {}

  /**
   * Applies all valid updates. Throws `not_found` if they are for a worker that had this address
   * before, and a ZodError if one of them is not valid.
   */
  receive(workerId: string, updates: readonly Update[]): void {
    if (workerId !== this.workerId) {
      throw new LikestreamError('not_found', 'another worker has this address now');
    }
    const failures: unknown[] = [];
    for (const update of updates) {
      try {
        this.apply(update);
      } catch (error) {
        failures.push(error);
      }
    }
    // One wrong update must not stop those of other channels and event types.
    if (failures.length > 0) throw failures[0];
  }

  /** Applies the states of a dispatcher's answer; throws a ZodError if they are not valid. */
  receiveState(channel: string, feeds: Feeds, answer: Answer): void {
    const verified = this.channels.types.parseFeeds(feeds);
    this.channels.apply(channel, verified, this.clock.now(), answer);
    this.applied(channel, Object.keys(verified));
  }

  private apply({ channel, t, type, vector }: Update): void {
    const { types } = this.channels;
    const verified = types.parseVector(type, vector);
    this.measures.stage(type, 'delivered', this.clock.now() - t);
    const known = types.get(type);
    if (known?.source === 'moments') this.channels.applyMoments(channel, known, verified, t);
    else {
      this.channels.apply(channel, { [type]: verified }, t);
      this.applied(channel, [type]);
    }
  }
}
