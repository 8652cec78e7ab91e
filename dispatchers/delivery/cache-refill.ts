import type { StateCache } from '../../adapters/state-cache';
import type { Clock, Timer } from '../../runtime/clock';
import type { Feeds } from '../../schemas/state';

/** States in one batch. */
const BATCH = 500;

/** The pause after a batch is as long as the batch took, and at least this time. */
const MIN_PAUSE_MS = 10;

/** A failed batch is written again after this time. */
const RETRY_MS = 300;

export interface CacheRefillOptions {
  readonly cache: Pick<StateCache, 'put'>;
  readonly clock: Clock;
  /** The feeds that this process holds, by channel; a channel may come once for each of them. */
  readonly held: () => Iterator<readonly [string, Feeds]>;
  /** Called for each failed batch, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
}

/**
 * Writes the held states into the cache again, in batches. After a failover or a restart the cache
 * may be older; then a frontend that missed the last delivery would find equal digests.
 */
export class CacheRefill {
  private left: Iterator<readonly [string, Feeds]> | undefined;
  private isRunning = false;
  private timer: Timer | undefined;
  private isClosed = false;

  constructor(private readonly options: CacheRefillOptions) {}

  /** Writes all held states; if a refill is running, it begins again with the first state. */
  begin(): void {
    this.left = this.options.held();
    if (!this.isRunning) void this.run(this.next());
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  private async run(batch: ReadonlyMap<string, Feeds>): Promise<void> {
    const { cache, clock, failed } = this.options;
    this.isRunning = batch.size > 0 && !this.isClosed;
    if (!this.isRunning) return;
    const startedAt = clock.monotonic();
    try {
      await cache.put(batch);
      const tookMs = clock.monotonic() - startedAt;
      this.later(Math.max(tookMs, MIN_PAUSE_MS), () => this.next());
    } catch (error) {
      failed('refill cache', error);
      this.later(RETRY_MS, () => batch);
    }
  }

  private later(ms: number, batch: () => ReadonlyMap<string, Feeds>): void {
    if (this.isClosed) return;
    this.timer = this.options.clock.after(ms, () => void this.run(batch()));
  }

  private next(): ReadonlyMap<string, Feeds> {
    const batch = new Map<string, Feeds>();
    while (batch.size < BATCH) {
      const next = this.left?.next();
      if (!next || next.done) break;
      const [channel, feeds] = next.value;
      batch.set(channel, { ...batch.get(channel), ...feeds });
    }
    return batch;
  }
}
