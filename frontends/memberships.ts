import type { Subscriptions } from '../adapters/subscriptions';
import { type Clock, every, type Timer } from '../runtime/clock';
import { type Joined, RENEW_MS, type Worker } from '../schemas/delivery';
import type { Feeds } from '../schemas/state';
import { BucketComparison } from './bucket-comparison';
import type { Answer } from './channels/channel';
import { HeldReports } from './held-reports';
import { Lingering } from './lingering';
import { type Change, PendingChanges } from './pending-changes';
import { NO_REPORTS, type ReportSource } from './report-source';
import { RequestSize } from './request-size';

/** A failed request is repeated after this time. */
export const RETRY_MS = 300;

/** The least time between two requests; the next one contains the changes in between. */
export const SEND_GAP_MS = 10;

/** The same if there are only reports: each request costs Redis a script for each bucket. */
export const REPORT_GAP_MS = 50;

/** The longest time in which `finish` sends the last reports. */
export const FINISH_MS = 2_000;

export interface MembershipsOptions {
  readonly worker: Worker;
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
  /** The digest of the channels held, their states, and the worker's values of leased feeds. */
  readonly digest: () => readonly number[];
  /** The channels held in a bucket. */
  readonly inBucket: (bucket: number) => readonly string[];
  /** What the worker contributes to leased feeds; nothing if not given. */
  readonly reports?: ReportSource | undefined;
  /**
   * Called with a channel's states from an answer; `partial` if the saved ones could not be read.
   * Throws if they are not valid.
   */
  readonly received: (channel: string, feeds: Feeds, answer: Answer) => void;
  /** Called with a channel that is no longer held. */
  readonly released: (channel: string) => void;
  /** Called for each failed request, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
}

/**
 * The channels that this worker watches, and its values of leased feeds; keeps the dispatchers'
 * directory equal to them.
 */
export class Memberships {
  private readonly pending: PendingChanges;
  private readonly reports: ReportSource;
  private readonly lingering: Lingering;
  private readonly held: HeldReports;
  private readonly comparison = new BucketComparison();
  private readonly size = new RequestSize();
  private turn = 0;
  private inFlight: Change | undefined;
  /** Whether it renews no longer. */
  private isEnding = false;
  private closed = false;
  /** The earliest time of the next request, and of one that has only reports; monotonic ms. */
  private sendAt = 0;
  private reportAt = 0;
  private sending: Timer | undefined;
  private sendingAt = Number.POSITIVE_INFINITY;
  private renewals: Timer | undefined;
  private earlyRenewal: Timer | undefined;
  /** Ends `finish`. */
  private finished: (() => void) | undefined;

  constructor(private readonly options: MembershipsOptions) {
    this.reports = options.reports ?? NO_REPORTS;
    this.pending = new PendingChanges(this.reports, options.inBucket, this.size);
    this.held = new HeldReports(options.clock, (feeds) => {
      for (const { channel, type } of feeds) this.report(channel, type);
    });
    this.lingering = new Lingering(options.clock, (channels) => this.release(channels));
  }

  /** Takes the lease and renews it until `close`. */
  start(): Promise<void> {
    this.renewals = every(this.options.clock, RENEW_MS, () => this.renew());
    return this.renew();
  }

  /** Joins a channel that has viewers; the answer has its state. */
  watch(channel: string, isNew: boolean): void {
    this.lingering.keep(channel);
    this.pending.keep(channel);
    if (!isNew) return;
    this.pending.join(channel);
    this.sendSoon();
  }

  /** Joins a held channel again, because the answer has its newest state. */
  refresh(channel: string): void {
    this.pending.joinAgain(channel);
    this.sendSoon();
  }

  /** Reports a leased feed soon, with the value that it has then. */
  report(channel: string, type: string): void {
    this.pending.report(channel, type);
    this.sendSoon();
  }

  /** Releases a channel without viewers after `LINGER_MS`, unless it is watched again. */
  unwatch(channel: string): void {
    this.lingering.add(channel);
  }

  /** Releases `count` channels without viewers before their deadline, except `except`. */
  makeRoom(count: number, except: readonly string[]): void {
    this.lingering.releaseOldest(count, except);
  }

  /**
   * Sends the reports that wait, for at most `FINISH_MS` and until a request fails, and closes.
   * Memberships and the lease are left to the dispatchers, which remove a worker without renewals.
   */
  finish(): Promise<void> {
    this.endTimers();
    this.pending.keepReports();
    return new Promise((resolve) => {
      const timer = this.options.clock.after(FINISH_MS, () => this.finished?.());
      this.finished = () => {
        timer.cancel();
        this.finished = undefined;
        this.close();
        resolve();
      };
      if (!this.inFlight && this.pending.isEmpty) this.finished();
    });
  }

  /** Ends all timers; sends no request afterwards. */
  close(): void {
    this.closed = true;
    this.endTimers();
    this.sending?.cancel();
  }

  private endTimers(): void {
    this.isEnding = true;
    this.lingering.close();
    this.held.close();
    this.renewals?.cancel();
    this.earlyRenewal?.cancel();
  }

  private release(channels: readonly string[]): void {
    for (const channel of channels) {
      this.pending.leave(channel);
      this.options.released(channel);
    }
    this.sendSoon();
  }

  private async renew(): Promise<void> {
    const { worker, subscriptions } = this.options;
    const sums = this.options.digest();
    const changing = this.pending.buckets(this.inFlight);
    try {
      this.turn += 1;
      const { unequal } = await subscriptions.renew({ worker, digest: [...sums], turn: this.turn });
      if (this.isEnding) return;
      const now = this.options.digest();
      const repeated = this.comparison.toRepeat(unequal, { sums, changing }, now);
      for (const bucket of repeated) this.pending.repeat(bucket);
      this.sendSoon();
    } catch (error) {
      this.options.failed('renew', error);
      this.renewEarly();
    }
  }

  // Dispatchers deliver nothing to a worker without a lease, so renew before the next interval.
  private renewEarly(): void {
    if (this.isEnding) return;
    this.earlyRenewal?.cancel();
    this.earlyRenewal = this.options.clock.after(RETRY_MS, () => this.renew());
  }

  private sendSoon(): void {
    if (this.inFlight || this.closed || this.pending.isEmpty) return;
    const { clock } = this.options;
    const at = this.pending.hasMemberships ? this.sendAt : this.reportAt;
    if (this.sending && at >= this.sendingAt) return;
    this.sending?.cancel();
    this.sendingAt = at;
    this.sending = clock.after(Math.max(0, at - clock.monotonic()), () => void this.send());
  }

  private async send(): Promise<void> {
    this.sending = undefined;
    this.inFlight = this.pending.next();
    const isDone = await this.sendOnce(this.inFlight);
    this.inFlight = undefined;
    if (!isDone || this.pending.isEmpty) this.finished?.();
    const now = this.options.clock.monotonic();
    this.sendAt = now + (isDone ? SEND_GAP_MS : RETRY_MS);
    this.reportAt = now + (isDone ? REPORT_GAP_MS : RETRY_MS);
    this.sendSoon();
  }

  /** Resolves with false if the next request must wait for `RETRY_MS`. */
  private async sendOnce(change: Change): Promise<boolean> {
    const { clock, subscriptions, worker } = this.options;
    const sentAt = clock.monotonic();
    try {
      const answer = await subscriptions.change({ worker, turn: this.turn, ...change });
      this.size.answered(change, clock.monotonic() - sentAt);
      const { isHeld, states } = answer;
      const left = new Set(answer.left);
      if (this.closed) return false;
      this.reports.acknowledged(change.reports);
      if (isHeld) this.held.add(change.reports);
      const invalid = this.receive(states, left);
      for (const channel of left) this.pending.joinLeft(channel);
      // A channel that was released in the meantime stays in `leaving`.
      for (const channel of invalid) this.pending.joinAgain(channel);
      return invalid.length === 0 && (left.size === 0 || mayJoinLeftNow(states, left));
    } catch (error) {
      this.options.failed('change memberships', error);
      this.size.failed();
      this.pending.restore(change);
      return false;
    }
  }

  /** Applies the states of an answer; returns the channels whose states are not valid. */
  private receive(states: Joined['states'], left: ReadonlySet<string>): readonly string[] {
    const invalid: string[] = [];
    for (const { channel, feeds } of states) {
      try {
        this.options.received(channel, feeds, left.has(channel) ? 'partial' : 'complete');
      } catch (error) {
        this.options.failed('read a state', error);
        invalid.push(channel);
      }
    }
    return invalid;
  }
}

/** Whether states were left out for size alone: a channel in both lists has no saved state. */
function mayJoinLeftNow(states: Joined['states'], left: ReadonlySet<string>): boolean {
  return states.length > 0 && !states.some(({ channel }) => left.has(channel));
}
