import type { StateCache, Watchers } from '../../adapters/state-cache';
import type { Clock, Timer } from '../../runtime/clock';
import type { Update, Worker } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { EventTypes } from '../../schemas/event-types';
import { type Measures, UNMEASURED } from '../../schemas/measures';
import { SharedUpdate } from '../../schemas/shared-update';
import type { Feeds } from '../../schemas/state';
import { type NewestByKey, newestByFeed } from '../newest-by-key';
import type { LiveWorkers } from '../workers/live-workers';
import type { Outboxes } from './outbox';

/** Updates that could not be cached or addressed are dispatched again after this time. */
const RETRY_MS = 300;

/**
 * The least time between the starts of two rounds; the first round after a pause starts at the end
 * of the turn of the event loop. So a fetch's partitions, which are folded in one turn, share one.
 */
export const MIN_GAP_MS = 5;

export interface DispatchOptions {
  readonly types: EventTypes;
  readonly workers: Pick<LiveWorkers, 'watching'>;
  readonly cache: StateCache;
  readonly outboxes: Pick<Outboxes, 'add'>;
  readonly clock: Clock;
  readonly measures?: Measures;
  /** Called for each failed step of a round; the round's updates are dispatched again. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** The result of a round's write into the cache. */
interface Written {
  readonly isCached: boolean;
  /** Undefined if they are to be looked up. */
  readonly watchers: Watchers | undefined;
}

/**
 * Writes updates into the cache and passes them to the outboxes of the workers that watch their
 * channels. One round runs at a time; updates that wait for the next one are merged by feed.
 */
export class Dispatch {
  private readonly waiting: NewestByKey<Update>;
  /** Updates that could not be cached or addressed, merged by feed, until the retry. */
  private readonly failed: NewestByKey<Update>;
  private startedAt = Number.NEGATIVE_INFINITY;
  /** The start of the next round. */
  private next: Timer | undefined;
  private running: Promise<void> | undefined;
  private retry: Timer | undefined;
  private isFinishing = false;
  private closed = false;
  private readonly measures: Measures;
  /** Called once the next round has written the cache, or has failed to. */
  private cacheListeners: ((isCached: boolean) => void)[] = [];
  /** The types whose updates have no state to cache. */
  private readonly moments: ReadonlySet<string>;

  constructor(private readonly options: DispatchOptions) {
    this.moments = new Set(options.types.moments.map(({ name }) => name));
    this.measures = options.measures ?? UNMEASURED;
    this.waiting = newestByFeed(options.types);
    this.failed = newestByFeed(options.types);
  }

  /** Dispatches updates; merges each with a waiting one of the same feed. */
  changed(updates: readonly Update[]): void {
    if (this.closed) return;
    for (const update of updates) this.waiting.add(update);
    this.startNext();
  }

  /**
   * Resolves once the updates of `changed` so far are in the cache, so that they survive this
   * process; rejects with `directory_unavailable` if they were not written.
   */
  cached(): Promise<void> {
    return new Promise((resolve, reject) => {
      const listen = (isCached: boolean): void =>
        isCached ? resolve() : reject(new LikestreamError('directory_unavailable'));
      if (this.closed) listen(false);
      else if (this.waiting.size === 0) listen(true);
      else this.cacheListeners.push(listen);
    });
  }

  /**
   * Dispatches what waits, at once and without a retry, and closes. Call it when nothing changes
   * any more: the positions of these updates are committed, so no successor dispatches them.
   */
  async finish(): Promise<void> {
    this.stopTimers();
    this.isFinishing = true;
    await this.running;
    for (const update of this.failed.take()) this.waiting.add(update);
    if (this.waiting.size > 0) await this.run();
    this.close();
  }

  close(): void {
    this.closed = true;
    this.waiting.clear();
    this.stopTimers();
    this.notify(this.cacheListeners, false);
  }

  private stopTimers(): void {
    this.next?.cancel();
    this.retry?.cancel();
  }

  private startNext(): void {
    if (this.closed || this.isFinishing || this.waiting.size === 0) return;
    if (this.next || this.running) return;
    const { clock } = this.options;
    const waitMs = Math.max(0, this.startedAt + MIN_GAP_MS - clock.monotonic());
    this.next = clock.after(waitMs, () => {
      this.next = undefined;
      this.running = this.run();
    });
  }

  private async run(): Promise<void> {
    this.startedAt = this.options.clock.monotonic();
    const taken = this.waiting.take();
    const listeners = this.cacheListeners;
    this.cacheListeners = [];
    const moments = this.moments.size > 0 ? taken.filter(({ type }) => this.moments.has(type)) : [];
    const sending = moments.length > 0 ? this.sendMoments(moments) : undefined;
    const updates = sending ? taken.filter(({ type }) => !this.moments.has(type)) : taken;
    if (updates.length > 0) {
      const states = feedsOf(updates);
      const written = await this.cacheStates(states);
      this.notify(listeners, written.isCached);
      await this.send(updates, [...states.keys()], written);
    }
    this.notify(listeners, true);
    await sending;
    this.running = undefined;
    this.startNext();
  }

  private notify(listeners: ((isCached: boolean) => void)[], isCached: boolean): void {
    for (const listener of listeners.splice(0)) listener(isCached);
  }

  // A failed write delays no delivery. It is repeated, because the directory's digests are computed
  // from the cached versions (`subscriptions.ts`).
  private async cacheStates(states: ReadonlyMap<string, Feeds>): Promise<Written> {
    try {
      return { isCached: true, watchers: await this.options.cache.put(states) };
    } catch (error) {
      this.options.failed('write cache', error);
      return { isCached: false, watchers: undefined };
    }
  }

  private async send(
    updates: readonly Update[],
    channels: readonly string[],
    { isCached, watchers }: Written,
  ): Promise<void> {
    try {
      const found = await this.options.workers.watching(channels, watchers);
      const watching = new Map(channels.map((channel, at) => [channel, found[at] ?? []]));
      const now = this.options.clock.now();
      for (const { t, type } of updates) this.measures.stage(type, 'looked_up', now - t);
      for (const [worker, watched] of byWorker(updates, watching)) {
        this.options.outboxes.add(worker, watched);
      }
      if (!isCached) this.retryLater(this.cacheableLater(updates));
    } catch (error) {
      this.options.failed('look up', error);
      this.retryLater(isCached ? updates : this.cacheableLater(updates));
    }
  }

  // A leased state whose write failed is computed again by its reporter's next request. Written
  // later, it could replace states from after Redis began anew, whose versions may be smaller.
  private cacheableLater(updates: readonly Update[]): readonly Update[] {
    return updates.filter(({ type }) => this.options.types.get(type)?.source !== 'streams');
  }

  /** Moments are not cached, and not repeated after a failure: they would come too late. */
  private async sendMoments(moments: readonly Update[]): Promise<void> {
    const { failed, outboxes, workers } = this.options;
    const channels = [...new Set(moments.map(({ channel }) => channel))];
    try {
      const found = await workers.watching(channels);
      const watching = new Map(channels.map((channel, at) => [channel, found[at] ?? []]));
      for (const [worker, watched] of byWorker(moments, watching)) outboxes.add(worker, watched);
    } catch (error) {
      failed('look up', error);
    }
  }

  private retryLater(updates: readonly Update[]): void {
    if (this.closed) return;
    for (const update of updates) this.failed.add(update);
    if (this.isFinishing || updates.length === 0) return;
    this.retry ??= this.options.clock.after(RETRY_MS, () => {
      this.retry = undefined;
      this.changed(this.failed.take());
    });
  }
}

/** By channel, the whole feeds of updates for the cache; each update has another feed. */
function feedsOf(updates: readonly Update[]): Map<string, Feeds> {
  const all = new Map<string, Feeds>();
  for (const { channel, type, vector, whole } of updates) {
    all.set(channel, { ...all.get(channel), [type]: whole ?? vector });
  }
  return all;
}

/** By worker, the updates of the channels that it watches; `watching` is by channel. */
function byWorker(
  updates: readonly Update[],
  watching: ReadonlyMap<string, readonly Worker[]>,
): Map<Worker, SharedUpdate[]> {
  const updatesOf = new Map<Worker, SharedUpdate[]>();
  for (const update of updates) {
    const workers = watching.get(update.channel) ?? [];
    if (workers.length === 0) continue;
    const shared = new SharedUpdate(update);
    for (const worker of workers) {
      const watched = updatesOf.get(worker);
      if (watched) watched.push(shared);
      else updatesOf.set(worker, [shared]);
    }
  }
  return updatesOf;
}
