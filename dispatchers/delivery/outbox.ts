import type { DeliveryGateway } from '../../adapters/delivery-gateway';
import type { Clock, Timer } from '../../runtime/clock';
import {
  jsonBytes,
  MAX_MESSAGE_BYTES,
  mergeUpdates,
  type Update,
  type Worker,
} from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

/** A worker that took nothing for so long is left to its own renewals (subscriptions.ts). */
export const GIVE_UP_MS = 6_000;

const MAX_UPDATES_PER_DELIVERY = 1_000;

/** Bytes for the updates of one delivery; the rest of the message is for the fields around them. */
const MAX_UPDATES_BYTES = MAX_MESSAGE_BYTES - 4_096;

export interface OutboxOptions {
  readonly gateway: DeliveryGateway;
  readonly clock: Clock;
  /** Told of each delivery that failed. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** What waits for one worker: one delivery in flight, what comes meanwhile merged by channel. */
class Outbox {
  private readonly waiting = new Map<string, Update>();
  private retry: Timer | undefined;
  private failingSince: number | undefined;
  private retryMs = FIRST_RETRY_MS;
  private busy = false;
  private closed = false;

  constructor(
    private readonly worker: Worker,
    private readonly parts: OutboxOptions,
    private readonly emptied: () => void,
  ) {}

  add(updates: readonly Update[]): void {
    for (const update of updates) {
      const earlier = this.waiting.get(update.channel);
      this.waiting.set(update.channel, earlier ? mergeUpdates(earlier, update) : update);
    }
    if (!this.busy) void this.send();
  }

  close(): void {
    this.closed = true;
    this.waiting.clear();
    this.retry?.cancel();
  }

  private async send(): Promise<void> {
    this.busy = true;
    while (this.waiting.size > 0 && !this.closed) {
      const batch = this.takeBatch();
      try {
        await this.parts.gateway.deliver(this.worker, batch);
        this.failingSince = undefined;
        this.retryMs = FIRST_RETRY_MS;
      } catch (error) {
        this.parts.failed('deliver', error);
        if (this.isHopeless(error)) this.waiting.clear();
        else return this.sendLater(batch);
      }
    }
    this.busy = false;
    this.emptied();
  }

  /** Removes and returns the updates of one delivery, bounded in number and bytes, at least one. */
  private takeBatch(): Update[] {
    const batch: Update[] = [];
    let bytes = 0;
    for (const update of this.waiting.values()) {
      bytes += jsonBytes(update) + 1;
      const isOver = batch.length === MAX_UPDATES_PER_DELIVERY || bytes > MAX_UPDATES_BYTES;
      if (isOver && batch.length > 0) break;
      batch.push(update);
      this.waiting.delete(update.channel);
    }
    return batch;
  }

  private isHopeless(error: unknown): boolean {
    if (error instanceof LikestreamError && error.code === 'not_found') return true;
    this.failingSince ??= this.parts.clock.monotonic();
    return this.parts.clock.monotonic() - this.failingSince > GIVE_UP_MS;
  }

  private sendLater(batch: readonly Update[]): void {
    if (this.closed) return;
    for (const update of batch) {
      const later = this.waiting.get(update.channel);
      this.waiting.set(update.channel, later ? mergeUpdates(update, later) : update);
    }
    this.retry = this.parts.clock.after(this.retryMs, () => void this.send());
    this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
  }
}

/** The outboxes of all workers that something waits for. */
export class Outboxes {
  private readonly byWorker = new Map<string, Outbox>();

  constructor(private readonly parts: OutboxOptions) {}

  /** Hands updates to the worker's outbox. */
  add(worker: Worker, updates: readonly Update[]): void {
    let outbox = this.byWorker.get(worker.id);
    if (!outbox) {
      outbox = new Outbox(worker, this.parts, () => this.byWorker.delete(worker.id));
      this.byWorker.set(worker.id, outbox);
    }
    outbox.add(updates);
  }

  /** Workers that a delivery is on its way to, or waits for. */
  get size(): number {
    return this.byWorker.size;
  }

  /** Drops what waits still. */
  close(): void {
    for (const outbox of this.byWorker.values()) outbox.close();
    this.byWorker.clear();
  }
}
