import { type Clock, every, type Timer } from '../runtime/clock';
import { LikestreamError } from '../schemas/errors';

/** The most entries that wait in all channels of a queue. */
export const MAX_WAITING_ENTRIES = 10_000;

/** The most bytes of entries that wait in all channels of a queue. */
export const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** A write that has waited longer than this is refused. */
export const MAX_WAITING_MS = 3_000;

/** The most entries and bytes of one append of several writes: the log takes it in one request. */
export const MAX_APPEND_ENTRIES = 1_000;
export const MAX_APPEND_BYTES = 512 * 1024;

const TOO_SLOW =
  `the disk, or Kafka, took longer than ${MAX_WAITING_MS / 1_000} s for what came before; ` +
  'clients try again';

const EXPIRY_CHECK_MS = 100;

/** The entries of one request. */
export interface QueuedWrite {
  readonly count: number;
  readonly bytes: number;
  /** The monotonic clock when it was added, ms. */
  readonly queuedAtMs: number;
  /** Called if the write is refused before it is in an append. */
  reject(error: LikestreamError): void;
}

/**
 * Joins the writes of each channel. One append of a channel is in flight at a time; writes that
 * arrive in the meantime wait, bounded in entries, bytes and time, and go into the next append.
 */
export class WriteQueue<Write extends QueuedWrite> {
  /** The waiting writes of the channels that have an append in flight, in order. */
  private readonly waiting = new Map<string, Write[]>();
  private count = 0;
  private bytes = 0;
  private expiry: Timer | undefined;

  /** `append` resolves when the append has ended, and never rejects. */
  constructor(
    private readonly clock: Clock,
    private readonly append: (channel: string, writes: readonly Write[]) => Promise<void>,
  ) {}

  /** Begins an append, or lets the write wait for it. Throws `log_refused` if too many wait. */
  add(channel: string, write: Write): void {
    const waiting = this.waiting.get(channel);
    if (!waiting) {
      const none: Write[] = [];
      this.waiting.set(channel, none);
      this.run(channel, [write], none);
      return;
    }
    if (this.count + write.count > MAX_WAITING_ENTRIES || this.isFullWith(write.bytes)) {
      throw notTaken(`${this.count} entries of ${this.bytes} bytes wait already`);
    }
    waiting.push(write);
    this.count += write.count;
    this.bytes += write.bytes;
    this.expiry ??= every(this.clock, EXPIRY_CHECK_MS, () => this.expire());
  }

  // Callbacks, because an async function costs several times as much.
  private run(channel: string, writes: readonly Write[], waiting: Write[]): void {
    void this.append(channel, writes).then(() => {
      const next = this.take(waiting);
      if (next.length > 0) this.run(channel, next, waiting);
      else this.waiting.delete(channel);
    });
  }

  /** Removes and returns the writes of the next append; none if none wait. */
  private take(waiting: Write[]): Write[] {
    let [writes, entries, bytes] = [0, 0, 0];
    for (const write of waiting) {
      entries += write.count;
      bytes += write.bytes;
      if (writes > 0 && (entries > MAX_APPEND_ENTRIES || bytes > MAX_APPEND_BYTES)) break;
      writes += 1;
    }
    return this.remove(waiting, writes);
  }

  private expire(): void {
    const since = this.clock.monotonic() - MAX_WAITING_MS;
    for (const waiting of this.waiting.values()) {
      const kept = waiting.findIndex(({ queuedAtMs }) => queuedAtMs > since);
      for (const write of this.remove(waiting, kept < 0 ? waiting.length : kept)) {
        write.reject(notTaken(TOO_SLOW));
      }
    }
  }

  private remove(waiting: Write[], writes: number): Write[] {
    const removed = waiting.splice(0, writes);
    for (const { bytes, count } of removed) {
      this.count -= count;
      this.bytes -= bytes;
    }
    if (this.count === 0) {
      this.expiry?.cancel();
      this.expiry = undefined;
    }
    return removed;
  }

  private isFullWith(bytes: number): boolean {
    return this.bytes + bytes > MAX_WAITING_BYTES;
  }
}

/** The error of a write of which no entry is or will be in the log. */
function notTaken(reason: string): LikestreamError {
  return new LikestreamError('log_refused', `not taken at all: ${reason}`);
}
