import type { DeliveryGateway } from '../../adapters/delivery-gateway';
import type { Clock, Timer } from '../../runtime/clock';
import { MAX_MESSAGE_BYTES, type Worker } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { EventTypes } from '../../schemas/event-types';
import type { SharedUpdate } from '../../schemas/shared-update';
import { WaitingUpdates } from './waiting-updates';

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

/**
 * If all deliveries to a worker fail for this time, its updates are dropped. The worker's next
 * renewal finds the unequal buckets (`subscriptions.ts`).
 */
export const GIVE_UP_MS = 6_000;

/** The updates of one delivery; the other fields of the message have the rest of its bytes. */
const DELIVERY_LIMITS = { updates: 1_000, bytes: MAX_MESSAGE_BYTES - 4_096 };

export interface OutboxOptions {
  readonly types: EventTypes;
  readonly gateway: DeliveryGateway;
  readonly clock: Clock;
  /** Called for each failed delivery, which is repeated until `GIVE_UP_MS`. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** Delivers to one worker. One delivery is in flight; later updates are merged by feed. */
class Outbox {
  private readonly waiting: WaitingUpdates;
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
    this.waiting = new WaitingUpdates(options.types);
  }

  add(updates: readonly SharedUpdate[]): void {
    this.waiting.add(updates);
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
      const batch = this.waiting.take(DELIVERY_LIMITS);
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

  private isHopeless(error: unknown): boolean {
    if (error instanceof LikestreamError && error.code === 'not_found') return true;
    this.failingSince ??= this.options.clock.monotonic();
    return this.options.clock.monotonic() - this.failingSince > GIVE_UP_MS;
  }

  private sendLater(batch: readonly SharedUpdate[]): void {
    if (this.closed) return;
    this.waiting.restore(batch);
    this.retry = this.options.clock.after(this.retryMs, () => void this.send());
    this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
  }
}

/** The outboxes of all workers that have undelivered updates. */
export class Outboxes {
  private readonly byWorker = new Map<string, Outbox>();

  constructor(private readonly options: OutboxOptions) {}

  /** Adds updates, at most one a feed, to the worker's outbox. */
  add(worker: Worker, updates: readonly SharedUpdate[]): void {
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
