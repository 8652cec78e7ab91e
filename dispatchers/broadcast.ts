import type { Log, LogEntry } from '../producers/log';
import type { Clock, Timer } from '../runtime/clock';
import { BROADCAST_TOPIC, broadcastOf, type Publication } from '../schemas/broadcast';
import { mergeUpdates } from '../schemas/delivery';
import { LikestreamError } from '../schemas/errors';

const RETRY_MS = 300;

/** Channels told of in one append. */
const MAX_CHANNELS = 500;

/** Ids in one record: 200 kB of the 1 MB that Kafka takes. */
const MAX_IDS = 5_000;

/** More ids than this to be told, and no more likes are taken until some are. */
export const MAX_UNTOLD = 100_000;

export interface BroadcastParts {
  readonly log: Log;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly clock: Clock;
  /** Told of each append that failed; it is made again. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** A publication that is not in the log, and the first call of `changed` that gave a part of it. */
interface Waiting extends Publication {
  readonly since: number;
}

interface Waiter {
  readonly upTo: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Publishes to other datacenters the newest state of each channel that our own log changed, and
 * every counted like at least once. One append is in flight at a time.
 */
export class Broadcast {
  /** By channel, the publication that is not in the log yet. */
  private readonly waiting = new Map<string, Waiting>();
  private untold = 0;
  private retry: Timer | undefined;
  private busy = false;
  private closed = false;
  /** The number of calls of `changed`, and how many of these are in the log. */
  private given = 0;
  private sent = 0;
  private waiters: Waiter[] = [];

  constructor(private readonly parts: BroadcastParts) {}

  /** Queues publications; merges each with one of the same channel that still waits. */
  changed(publications: readonly Publication[]): void {
    if (publications.length === 0 || this.closed) return;
    this.given += 1;
    for (const publication of publications) this.wait({ ...publication, since: this.given });
    if (!this.busy) void this.send();
  }

  /** Whether more ids wait than should. */
  get isFull(): boolean {
    return this.untold > MAX_UNTOLD;
  }

  /** Resolves once all that was given so far is in the log; rejects when it cannot be put there. */
  told(): Promise<void> {
    if (this.sent >= this.given) return Promise.resolve();
    const upTo = this.given;
    return new Promise((resolve, reject) => this.waiters.push({ upTo, resolve, reject }));
  }

  close(): void {
    this.closed = true;
    this.retry?.cancel();
    this.waiting.clear();
    this.refuse(new LikestreamError('log_unavailable', 'closed'));
  }

  private wait({ counted, since, update }: Waiting): void {
    const earlier = this.waiting.get(update.channel);
    this.untold += counted.length;
    this.waiting.set(update.channel, {
      update: earlier ? mergeUpdates(earlier.update, update) : update,
      counted: earlier ? [...earlier.counted, ...counted] : counted,
      since: Math.min(since, earlier?.since ?? since),
    });
  }

  private async send(): Promise<void> {
    this.busy = true;
    do {
      const batch = this.nextBatch();
      try {
        await this.append(batch);
      } catch (error) {
        this.tryAgain(batch, error);
        return;
      }
      this.tell(this.inLogUpTo);
    } while (this.waiting.size > 0 && !this.closed);
    this.busy = false;
  }

  /** All calls of `changed` up to this one are in the log whole. */
  private get inLogUpTo(): number {
    let first = this.given + 1;
    for (const { since } of this.waiting.values()) first = Math.min(first, since);
    return first - 1;
  }

  private nextBatch(): Waiting[] {
    const batch = [...this.waiting.values()].slice(0, MAX_CHANNELS);
    for (const { counted, update } of batch) {
      this.waiting.delete(update.channel);
      this.untold -= counted.length;
    }
    return batch;
  }

  private async append(batch: readonly Publication[]): Promise<void> {
    const entries = batch.flatMap((publication) => entriesOf(publication, this.parts.origin));
    if (entries.length > 0) await this.parts.log.append(BROADCAST_TOPIC, entries);
  }

  private tell(upTo: number): void {
    this.sent = upTo;
    for (const waiter of this.waiters) if (waiter.upTo <= upTo) waiter.resolve();
    this.waiters = this.waiters.filter((waiter) => waiter.upTo > upTo);
  }

  private tryAgain(batch: readonly Waiting[], error: unknown): void {
    this.parts.failed('broadcast', error);
    this.refuse(error);
    if (this.closed) return;
    for (const publication of batch) this.wait(publication);
    this.retry = this.parts.clock.after(RETRY_MS, () => void this.send());
  }

  private refuse(error: unknown): void {
    for (const { reject } of this.waiters) reject(error);
    this.waiters = [];
  }
}

/** The records that publish it for an origin; ids beyond `MAX_IDS` go into records of their own. */
export function entriesOf({ counted, update }: Publication, origin: string): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let at = 0; at === 0 || at < counted.length; at += MAX_IDS) {
    const value = broadcastOf(update, origin, counted.slice(at, at + MAX_IDS));
    if (value !== undefined) entries.push({ key: update.channel, value });
  }
  return entries;
}
