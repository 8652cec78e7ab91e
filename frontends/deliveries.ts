import type { Clock } from '../runtime/clock';
import type { Update } from '../schemas/delivery';
import { LikestreamError } from '../schemas/errors';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { Channels } from './channels/channels';

/** Takes what dispatchers deliver to this worker. */
export class Deliveries {
  constructor(
    private readonly workerId: string,
    private readonly channels: Channels,
    private readonly clock: Clock,
    private readonly measures: Measures = UNMEASURED,
  ) {}

  /** Throws `not_found` when another worker is meant: it was here before us. */
  receive(to: string, updates: readonly Update[]): void {
    if (to !== this.workerId) throw new LikestreamError('not_found', 'another worker is here now');
    const now = this.clock.now();
    for (const { channel, vector, t } of updates) {
      this.measures.stage('delivered', now - t);
      this.channels.apply(channel, vector, t);
    }
  }

  /** Takes a state that a dispatcher answered with. */
  receiveState(channel: string, vector: Update['vector']): void {
    this.channels.apply(channel, vector, this.clock.now());
  }
}
