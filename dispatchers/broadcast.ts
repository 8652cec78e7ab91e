import type { Log } from '../producers/log';
import type { Clock, Timer } from '../runtime/clock';
import { BROADCAST_TOPIC, broadcastOf } from '../schemas/broadcast';
import { mergeUpdates, type Update } from '../schemas/delivery';
import { partitionOf } from '../schemas/topics';

const RETRY_MS = 300;

/** Channels told of in one append. */
const MAX_CHANNELS = 500;

export interface BroadcastParts {
  readonly log: Log;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly clock: Clock;
  /** Told of each append that failed; it is made again. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** Tells other datacenters what channels have become by our own log: one append at a time, newest only. */
export class Broadcast {
  private readonly waiting = new Map<string, Update>();
  private retry: Timer | undefined;
  private busy = false;
  private closed = false;

  constructor(private readonly parts: BroadcastParts) {}

  /** Takes what channels have become; what waits still of the same channel is merged with it. */
  changed(updates: readonly Update[]): void {
    for (const update of updates) this.wait(update);
    if (!this.busy) void this.send();
  }

  close(): void {
    this.closed = true;
    this.retry?.cancel();
    this.waiting.clear();
  }

  private wait(update: Update): void {
    const other = this.waiting.get(update.channel);
    this.waiting.set(update.channel, other ? mergeUpdates(other, update) : update);
  }

  private async send(): Promise<void> {
    this.busy = true;
    while (this.waiting.size > 0 && !this.closed) {
      const batch = [...this.waiting.values()].slice(0, MAX_CHANNELS);
      for (const { channel } of batch) this.waiting.delete(channel);
      try {
        await this.append(batch);
      } catch (error) {
        this.parts.failed('broadcast', error);
        if (this.closed) return;
        for (const update of batch) this.wait(update);
        this.retry = this.parts.clock.after(RETRY_MS, () => void this.send());
        return;
      }
    }
    this.busy = false;
  }

  private async append(batch: readonly Update[]): Promise<void> {
    const entries = batch.flatMap((update) => {
      const value = broadcastOf(update, this.parts.origin);
      const { channel } = update;
      return value === undefined ? [] : [{ partition: partitionOf(channel), key: channel, value }];
    });
    if (entries.length > 0) await this.parts.log.append(BROADCAST_TOPIC, entries);
  }
}
