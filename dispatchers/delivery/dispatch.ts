import type { StateCache } from '../../adapters/state-cache';
import type { Clock, Timer } from '../../runtime/clock';
import { mergeUpdates, type Update, type Worker } from '../../schemas/delivery';
import { type Measures, UNMEASURED } from '../../schemas/measures';
import type { Vector } from '../../schemas/state';
import { NewestByChannel } from '../newest-by-channel';
import type { LiveWorkers } from '../workers/live-workers';
import type { Outboxes } from './outbox';

/** Updates that could not be cached or addressed are dispatched again after this time. */
const RETRY_MS = 300;

export interface DispatchOptions {
  readonly workers: Pick<LiveWorkers, 'watching'>;
  readonly cache: StateCache;
  readonly outboxes: Pick<Outboxes, 'add'>;
  readonly clock: Clock;
  readonly measures?: Measures;
  /** Called for each failed step of a round; the round's updates are dispatched again. */
  readonly failed: (doing: string, error: unknown) => void;
}

/**
 * Writes updates into the cache and passes them to the outboxes of the workers that watch their
 * channels. One round runs at a time; updates that arrive meanwhile are merged by channel.
 */
export class Dispatch {
  private readonly waiting = new NewestByChannel<Update>(mergeUpdates);
  /** Updates that could not be cached or addressed, merged by channel, until the retry. */
  private readonly failed = new NewestByChannel<Update>(mergeUpdates);
  private busy = false;
  private retry: Timer | undefined;
  private closed = false;
  private readonly measures: Measures;

  constructor(private readonly options: DispatchOptions) {
    this.measures = options.measures ?? UNMEASURED;
  }

  /** Dispatches updates; merges each with a waiting one of the same channel. */
  changed(updates: readonly Update[]): void {
    if (this.closed) return;
    for (const update of updates) this.waiting.add(update);
    if (!this.busy) void this.run();
  }

  close(): void {
    this.closed = true;
    this.waiting.clear();
    this.retry?.cancel();
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.waiting.size > 0) {
      const updates = this.waiting.take();
      const isCached = await this.cacheStates(updates);
      await this.send(updates, isCached);
    }
    this.busy = false;
  }

  // A failed write delays no delivery. It is repeated, because the directory's digests are computed
  // from the cached versions (`subscriptions.ts`).
  private async cacheStates(updates: readonly Update[]): Promise<boolean> {
    const states = new Map<string, Vector>();
    for (const { channel, vector } of updates) states.set(channel, vector);
    try {
      await this.options.cache.put(states);
      return true;
    } catch (error) {
      this.options.failed('write cache', error);
      return false;
    }
  }

  private async send(updates: readonly Update[], isCached: boolean): Promise<void> {
    try {
      const watching = await this.options.workers.watching(updates.map(({ channel }) => channel));
      const now = this.options.clock.now();
      for (const { t } of updates) this.measures.stage('looked_up', now - t);
      for (const [worker, watched] of byWorker(updates, watching)) {
        this.options.outboxes.add(worker, watched);
      }
      if (!isCached) this.retryLater(updates);
    } catch (error) {
      this.options.failed('look up', error);
      this.retryLater(updates);
    }
  }

  private retryLater(updates: readonly Update[]): void {
    if (this.closed) return;
    for (const update of updates) this.failed.add(update);
    this.retry ??= this.options.clock.after(RETRY_MS, () => {
      this.retry = undefined;
      this.changed(this.failed.take());
    });
  }
}

/** By worker, the updates of the channels that it watches. */
function byWorker(
  updates: readonly Update[],
  watching: readonly (readonly Worker[])[],
): Map<Worker, Update[]> {
  const workers = new Map<string, Worker>();
  const updatesOf = new Map<Worker, Update[]>();
  for (const [at, update] of updates.entries()) {
    for (const found of watching[at] ?? []) {
      const worker = workers.get(found.id) ?? found;
      workers.set(worker.id, worker);
      const watched = updatesOf.get(worker);
      if (watched) watched.push(update);
      else updatesOf.set(worker, [update]);
    }
  }
  return updatesOf;
}
