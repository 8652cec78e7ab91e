import type { Clock } from '../runtime/clock';
import type { Update } from '../schemas/delivery';
import { LikestreamError } from '../schemas/errors';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { Channels } from './channels/channels';

/** Applies the states that dispatchers deliver to this worker. */
export class Deliveries {
  constructor(
    private readonly workerId: string,
    private readonly channels: Channels,
    private readonly clock: Clock,
    private readonly measures: Measures = UNMEASURED,
  ) {}

  /** Throws `not_found` if they are for a worker that had this address before. */
  receive(workerId: string, updates: readonly Update[]): void {
    if (workerId !== this.workerId) {
      throw new LikestreamError('not_found', 'another worker has this address now');
    }
    const now = this.clock.now();
    for (const { channel, vector, t } of updates) {
      this.measures.stage('delivered', now - t);
      this.channels.apply(channel, vector, t);
    }
  }

  /** Applies a state from a dispatcher's answer. */
  receiveState(channel: string, vector: Update['vector']): void {
    this.channels.apply(channel, vector, this.clock.now());
  }
}
