import type { DeliveryGateway } from '../../adapters/delivery-gateway';
import type { Clock, Timer } from '../../runtime/clock';
import { MAX_MESSAGE_BYTES, type Update, type Worker } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { EventTypes } from '../../schemas/event-types';
import { SharedUpdate } from '../../schemas/shared-update';
import { type NewestByKey, newestShared } from '../newest-by-key';

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

/**
 * If all deliveries to a worker fail for this time, its updates are dropped. The worker's next
 * renewal finds the unequal buckets (`subscriptions.ts`).
 */
export const GIVE_UP_MS = 6_000;

const MAX_UPDATES_PER_DELIVERY = 1_000;

/** Bytes of the updates of one delivery; the other fields of the message have the rest. */
const MAX_UPDATES_BYTES = MAX_MESSAGE_BYTES - 4_096;

export interface OutboxOptions {
  readonly types: EventTypes;
  readonly gateway: DeliveryGateway;
  readonly clock: Clock;
  /** Called for each failed delivery, which is repeated until `GIVE_UP_MS`. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** Delivers to one worker. One delivery is in flight; later updates are merged by feed. */
class Outbox {
  private readonly waiting: NewestByKey<SharedUpdate>;
  private retry: Timer | undefined;
  private failingSince: number | undefined;
  private retryMs = FIRST_RETRY_MS;
  private busy = false;
  private closed = false;

  constructor(
    private readonly worker: Worker,
    private readonly options: OutboxOptions,
    private readonly emptied: () => void,
  ) {
    this.waiting = newestShared(options.types);
  }

  add(updates: readonly Update[]): void {
    for (const update of updates) this.waiting.add(SharedUpdate.of(update));
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
        await this.options.gateway.deliver(this.worker, batch);
        this.failingSince = undefined;
        this.retryMs = FIRST_RETRY_MS;
      } catch (error) {
        this.options.failed('deliver', error);
        if (this.isHopeless(error)) this.waiting.clear();
        else return this.sendLater(batch);
      }
    }
    this.busy = false;
    this.emptied();
  }

  /** Removes and returns the updates of one delivery, bounded in number and bytes, at least one. */
  private takeBatch(): SharedUpdate[] {
    let count = 0;
    let bytes = 0;
    for (const update of this.waiting.values()) {
      bytes += update.bytes + 1;
      const isOver = count === MAX_UPDATES_PER_DELIVERY || bytes > MAX_UPDATES_BYTES;
      if (isOver && count > 0) break;
      count += 1;
    }
    return this.waiting.take(count);
  }

  private isHopeless(error: unknown): boolean {
    if (error instanceof LikestreamError && error.code === 'not_found') return true;
    this.failingSince ??= this.options.clock.monotonic();
    return this.options.clock.monotonic() - this.failingSince > GIVE_UP_MS;
  }

  private sendLater(batch: readonly SharedUpdate[]): void {
    if (this.closed) return;
    for (const update of batch) this.waiting.restore(update);
    this.retry = this.options.clock.after(this.retryMs, () => void this.send());
    this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
  }
}

/** The outboxes of all workers that have undelivered updates. */
export class Outboxes {
  private readonly byWorker = new Map<string, Outbox>();

  constructor(private readonly options: OutboxOptions) {}

  /** Adds updates to the worker's outbox. */
  add(worker: Worker, updates: readonly Update[]): void {
    let outbox = this.byWorker.get(worker.id);
    if (!outbox) {
      outbox = new Outbox(worker, this.options, () => this.byWorker.delete(worker.id));
      this.byWorker.set(worker.id, outbox);
    }
    outbox.add(updates);
  }

  /** The number of workers with undelivered updates. */
  get size(): number {
    return this.byWorker.size;
  }

  /** Drops all undelivered updates. */
  close(): void {
    for (const outbox of this.byWorker.values()) outbox.close();
    this.byWorker.clear();
  }
}
