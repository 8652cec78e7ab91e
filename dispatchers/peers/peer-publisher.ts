import type { EventLog, LogEntry } from '../../adapters/event-log';
import type { Clock, Timer } from '../../runtime/clock';
import { mergeUpdates, type Update } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { LoggedType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import { updatesOf } from '../../schemas/names';
import { encodePeerUpdate, type Publication } from '../../schemas/peer-update';
import { NewestByKey } from '../newest-by-key';

/** A failed append is made again after this time. */
const RETRY_MS = 300;

/** Channels in one append. */
const MAX_CHANNELS = 500;

/** Ids in one record: 200 kB of the 1 MB that Kafka accepts. */
const MAX_IDS = 5_000;

/** If more ids than this wait to be appended, owners consume no records. */
export const MAX_PENDING_IDS = 100_000;

export interface PeerPublisherOptions {
  /** The type of the entries of all publications. */
  readonly type: Pick<LoggedType, 'name'>;
  readonly types: EventTypes;
  readonly log: EventLog;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly clock: Clock;
  /** Called for each failed append, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** A publication that is not in the log yet. */
interface Pending extends Publication {
  readonly channel: string;
  /** The number of the first call of `publish` whose ids or state it contains. */
  readonly since: number;
}

/** A caller of `published`. */
interface Waiter {
  readonly upTo: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Publishes to other datacenters the newest state of each channel that our log of one type changed,
 * and every counted and every deleted id at least once. One append is in flight at a time.
 */
export class PeerPublisher {
  private readonly pending;
  private pendingIds = 0;
  private retry: Timer | undefined;
  private busy = false;
  private closed = false;
  /** The number of calls of `publish`. */
  private calls = 0;
  /** All publications of the calls up to this one are in the log. */
  private inLogUpTo = 0;
  private waiters: Waiter[] = [];

  constructor(private readonly options: PeerPublisherOptions) {
    this.pending = new NewestByKey<Pending>(
      ({ channel }) => channel,
      (earlier, later) => mergePending(options.types, earlier, later),
    );
  }

  /** Queues publications; merges each with a pending one of the same channel. */
  publish(publications: readonly Publication[]): void {
    if (publications.length === 0 || this.closed) return;
    this.calls += 1;
    for (const { counted, deleted, update } of publications) {
      const { channel } = update;
      this.add({ channel, counted, deleted, since: this.calls, update: withoutWhole(update) });
    }
    if (!this.busy) void this.send();
  }

  /** Whether too many ids are pending. */
  get isFull(): boolean {
    return this.pendingIds > MAX_PENDING_IDS;
  }

  /**
   * Resolves once all publications so far are in the log. Rejects if an append fails, although it
   * is repeated.
   */
  published(): Promise<void> {
    if (this.inLogUpTo >= this.calls) return Promise.resolve();
    const upTo = this.calls;
    return new Promise((resolve, reject) => this.waiters.push({ upTo, resolve, reject }));
  }

  close(): void {
    this.closed = true;
    this.retry?.cancel();
    this.pending.clear();
    this.rejectWaiters(new LikestreamError('log_unavailable', 'closed'));
  }

  private add(publication: Pending): void {
    this.pendingIds += idsIn(publication);
    this.pending.add(publication);
  }

  private async send(): Promise<void> {
    this.busy = true;
    do {
      const batch = this.takeBatch();
      try {
        await this.append(batch);
      } catch (error) {
        this.retryLater(batch, error);
        return;
      }
      this.resolveWaiters(this.firstPendingCall() - 1);
    } while (this.pending.size > 0 && !this.closed);
    this.busy = false;
  }

  /** The first call of `publish` of which a part is pending. */
  private firstPendingCall(): number {
    let first = this.calls + 1;
    for (const { since } of this.pending.values()) first = Math.min(first, since);
    return first;
  }

  private takeBatch(): Pending[] {
    const batch = this.pending.take(MAX_CHANNELS);
    for (const publication of batch) this.pendingIds -= idsIn(publication);
    return batch;
  }

  private async append(batch: readonly Publication[]): Promise<void> {
    const { log, origin, type } = this.options;
    const entries = batch.flatMap((publication) => entriesOf(publication, origin));
    if (entries.length > 0) await log.append(updatesOf(type.name), entries);
  }

  private resolveWaiters(upTo: number): void {
    this.inLogUpTo = upTo;
    for (const waiter of this.waiters) if (waiter.upTo <= upTo) waiter.resolve();
    this.waiters = this.waiters.filter((waiter) => waiter.upTo > upTo);
  }

  private retryLater(batch: readonly Pending[], error: unknown): void {
    this.options.failed('publish', error);
    this.rejectWaiters(error);
    if (this.closed) return;
    for (const publication of batch) this.add(publication);
    this.retry = this.options.clock.after(RETRY_MS, () => void this.send());
  }

  private rejectWaiters(error: unknown): void {
    for (const { reject } of this.waiters) reject(error);
    this.waiters = [];
  }
}

// The whole states are for the cache, and would be kept and merged for nothing.
function withoutWhole(update: Update): Update {
  if (!update.whole) return update;
  const { channel, t, type, vector } = update;
  return { channel, t, type, vector };
}

function idsIn({ counted, deleted = [] }: Publication): number {
  return counted.length + deleted.length;
}

function mergePending(types: EventTypes, earlier: Pending, later: Pending): Pending {
  return {
    channel: later.channel,
    update: mergeUpdates(types, earlier.update, later.update),
    counted: [...earlier.counted, ...later.counted],
    deleted: [...(earlier.deleted ?? []), ...(later.deleted ?? [])],
    since: Math.min(later.since, earlier.since),
  };
}

/** A publication's records in the log of an origin; each has at most `MAX_IDS` ids of each kind. */
export function entriesOf(publication: Publication, origin: string): LogEntry[] {
  const { counted, deleted = [], update } = publication;
  const entries: LogEntry[] = [];
  for (let at = 0; at === 0 || at < Math.max(counted.length, deleted.length); at += MAX_IDS) {
    const [some, gone] = [counted, deleted].map((ids) => ids.slice(at, at + MAX_IDS));
    const value = encodePeerUpdate(update, origin, some, gone);
    if (value !== undefined) entries.push({ key: update.channel, value });
  }
  return entries;
}
