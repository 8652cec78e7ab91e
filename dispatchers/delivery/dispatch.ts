import type { StateCache } from '../../adapters/state-cache';
import type { Clock, Timer } from '../../runtime/clock';
import { mergeUpdates, type Update, type Worker } from '../../schemas/delivery';
import { type Measures, UNMEASURED } from '../../schemas/measures';
import type { Vector } from '../../schemas/state';
import type { LiveWorkers } from '../workers/live-workers';
import type { Outboxes } from './outbox';

const RETRY_MS = 300;

export interface DispatchOptions {
  readonly workers: Pick<LiveWorkers, 'watching'>;
  readonly cache: StateCache;
  readonly outboxes: Pick<Outboxes, 'add'>;
  readonly clock: Clock;
  readonly measures?: Measures;
  /** Told of a round that failed in part. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** Sends what channels have become to whoever watches them, one round at a time, newest only. */
export class Dispatch {
  private waiting = new Map<string, Update>();
  private busy = false;
  /** What could not be remembered or looked up: newest only, so as many as there are channels. */
  private readonly failed = new Map<string, Update>();
  private retry: Timer | undefined;
  private closed = false;
  private readonly measures: Measures;

  constructor(private readonly parts: DispatchOptions) {
    this.measures = parts.measures ?? UNMEASURED;
  }

  /** Takes what channels have become; what waits still of the same channel is merged with it. */
  changed(updates: readonly Update[]): void {
    if (this.closed) return;
    for (const update of updates) this.waiting.set(update.channel, this.merge(update));
    if (!this.busy) void this.run();
  }

  close(): void {
    this.closed = true;
    this.waiting.clear();
    this.retry?.cancel();
  }

  private merge(update: Update): Update {
    const earlier = this.waiting.get(update.channel);
    return earlier ? mergeUpdates(earlier, update) : update;
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.waiting.size > 0) {
      const round = this.waiting;
      this.waiting = new Map();
      const updates = [...round.values()];
      const isRemembered = await this.cacheStates(updates);
      await this.send(updates, isRemembered);
    }
    this.busy = false;
  }

  // A cache that cannot be written holds nobody up, but is written later: renewals (subscriptions.ts)
  // compare with it.
  private async cacheStates(updates: readonly Update[]): Promise<boolean> {
    const states = new Map<string, Vector>();
    for (const { channel, vector } of updates) states.set(channel, vector);
    try {
      await this.parts.cache.put(states);
      return true;
    } catch (error) {
      this.parts.failed('remember', error);
      return false;
    }
  }

  private async send(updates: readonly Update[], isRemembered: boolean): Promise<void> {
    try {
      const watching = await this.parts.workers.watching(updates.map(({ channel }) => channel));
      const now = this.parts.clock.now();
      for (const { t } of updates) this.measures.stage('looked_up', now - t);
      for (const [worker, theirs] of byWorker(updates, watching)) {
        this.parts.outboxes.add(worker, theirs);
      }
      if (!isRemembered) this.retryLater(updates);
    } catch (error) {
      this.parts.failed('look up', error);
      this.retryLater(updates);
    }
  }

  private retryLater(updates: readonly Update[]): void {
    if (this.closed) return;
    for (const update of updates) {
      const earlier = this.failed.get(update.channel);
      this.failed.set(update.channel, earlier ? mergeUpdates(earlier, update) : update);
    }
    this.retry ??= this.parts.clock.after(RETRY_MS, () => {
      const missed = [...this.failed.values()];
      this.retry = undefined;
      this.failed.clear();
      this.changed(missed);
    });
  }
}

function byWorker(
  updates: readonly Update[],
  watching: readonly (readonly Worker[])[],
): Map<Worker, Update[]> {
  const workers = new Map<string, Worker>();
  const mail = new Map<Worker, Update[]>();
  for (const [at, update] of updates.entries()) {
    for (const found of watching[at] ?? []) {
      const worker = workers.get(found.id) ?? found;
      workers.set(worker.id, worker);
      const theirs = mail.get(worker);
      if (theirs) theirs.push(update);
      else mail.set(worker, [update]);
    }
  }
  return mail;
}
