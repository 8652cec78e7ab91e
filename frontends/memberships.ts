import type { Subscriptions } from '../adapters/subscriptions';
import { type Clock, every, type Timer } from '../runtime/clock';
import {
  DIGEST_BUCKETS,
  type Joined,
  type Membership,
  RENEW_MS,
  type Worker,
} from '../schemas/delivery';
import type { Feeds } from '../schemas/state';
import type { Answer } from './channels/channel';
import { Lingering } from './lingering';

/** A failed request is repeated after this time. */
export const RETRY_MS = 300;

/** The least time between two requests; the next one contains the changes in between. */
export const SEND_GAP_MS = 10;

/** The most channels that one request joins, and the most that it leaves. */
export const MAX_CHANNELS_PER_REQUEST = 500;

export interface MembershipsOptions {
  readonly worker: Worker;
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
  /** The digest of the channels held and their states. */
  readonly digest: () => readonly number[];
  /** The channels held in a bucket. */
  readonly inBucket: (bucket: number) => readonly string[];
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

/** The channels that this worker watches; keeps the dispatchers' directory equal to them. */
export class Memberships {
  private readonly joining = new Set<string>();
  private readonly leaving = new Set<string>();
  private readonly lingering: Lingering;
  /** Buckets whose channels must all be joined again. */
  private readonly unequal = new Set<number>();
  /** Buckets that were unequal at the last renewal, but changed during it. */
  private suspect: ReadonlySet<number> = new Set();
  private turn = 0;
  private busy = false;
  private closed = false;
  private sendAt = 0;
  private sending: Timer | undefined;
  private renewals: Timer | undefined;
  private earlyRenewal: Timer | undefined;

  constructor(private readonly options: MembershipsOptions) {
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
    this.leaving.delete(channel);
    if (!isNew) return;
    this.joining.add(channel);
    this.sendSoon();
  }

  /** Joins a held channel again, because the answer has its newest state. */
  refresh(channel: string): void {
    if (this.leaving.has(channel)) return;
    this.joining.add(channel);
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

  /** Ends all timers; sends no request afterwards. */
  close(): void {
    this.closed = true;
    this.lingering.close();
    this.renewals?.cancel();
    this.earlyRenewal?.cancel();
    this.sending?.cancel();
  }

  private release(channels: readonly string[]): void {
    for (const channel of channels) {
      this.joining.delete(channel);
      this.leaving.add(channel);
      this.options.released(channel);
    }
    this.sendSoon();
  }

  private async renew(): Promise<void> {
    const { worker, subscriptions } = this.options;
    const digest = this.options.digest();
    const isQuiet = !this.busy && !this.hasChanges;
    try {
      this.turn += 1;
      const { unequal } = await subscriptions.renew({
        worker,
        digest: [...digest],
        turn: this.turn,
      });
      this.compare(unequal, isQuiet ? digest : undefined);
    } catch (error) {
      this.options.failed('renew', error);
      this.renewEarly();
    }
  }

  /**
   * Joins unequal buckets again. A bucket that changed during the renewal is usually unequal only
   * for that reason, so it is joined again only if the next renewal finds it unequal, too.
   */
  private compare(unequal: readonly number[], before: readonly number[] | undefined): void {
    const now = this.options.digest();
    const suspect = new Set<number>();
    for (const bucket of unequal) {
      if (bucket >= DIGEST_BUCKETS) continue;
      const isUnchanged = before !== undefined && before[bucket] === now[bucket];
      if (isUnchanged || this.suspect.has(bucket)) this.unequal.add(bucket);
      else suspect.add(bucket);
    }
    this.suspect = suspect;
    this.sendSoon();
  }

  // Dispatchers deliver nothing to a worker without a lease, so renew before the next interval.
  private renewEarly(): void {
    if (this.closed) return;
    this.earlyRenewal?.cancel();
    this.earlyRenewal = this.options.clock.after(RETRY_MS, () => this.renew());
  }

  private get hasChanges(): boolean {
    return this.joining.size + this.leaving.size + this.unequal.size > 0;
  }

  private sendSoon(): void {
    if (this.busy || this.closed || this.sending || !this.hasChanges) return;
    const ms = Math.max(0, this.sendAt - this.options.clock.monotonic());
    this.sending = this.options.clock.after(ms, () => {
      this.sending = undefined;
      void this.send();
    });
  }

  private async send(): Promise<void> {
    this.busy = true;
    const isDone = await this.sendOnce(this.next());
    this.busy = false;
    this.sendAt = this.options.clock.monotonic() + (isDone ? SEND_GAP_MS : RETRY_MS);
    this.sendSoon();
  }

  /** Removes the changes of the next request from the sets of changes to send. */
  private next(): Membership {
    const join = new Set<string>();
    const buckets: number[] = [];
    for (const bucket of this.unequal) {
      const channels = this.options.inBucket(bucket);
      if (join.size > 0 && join.size + channels.length > MAX_CHANNELS_PER_REQUEST) break;
      this.unequal.delete(bucket);
      buckets.push(bucket);
      for (const channel of channels) {
        this.joining.delete(channel);
        // If a bucket is too large for one request, the next requests join its other channels.
        if (join.size < MAX_CHANNELS_PER_REQUEST) join.add(channel);
        else this.joining.add(channel);
      }
    }
    move(this.joining, join);
    const leave = new Set<string>();
    move(this.leaving, leave);
    const { worker } = this.options;
    return { worker, turn: this.turn, join: [...join], leave: [...leave], buckets, reports: [] };
  }

  /** Resolves with false if the next request must wait for `RETRY_MS`. */
  private async sendOnce(change: Membership): Promise<boolean> {
    try {
      const { left = [], states } = await this.options.subscriptions.change(change);
      if (this.closed) return false;
      const invalid = this.receive(states, new Set(left));
      this.joinAgain(left);
      this.joinAgain(invalid);
      return invalid.length === 0 && (left.length === 0 || mayJoinLeftNow(states, left));
    } catch (error) {
      this.options.failed('change memberships', error);
      this.joinAgain(change.join);
      for (const channel of change.leave) if (!this.joining.has(channel)) this.leaving.add(channel);
      for (const bucket of change.buckets) this.unequal.add(bucket);
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

  // A channel that was released in the meantime stays in `leaving`.
  private joinAgain(channels: readonly string[]): void {
    for (const channel of channels) if (!this.leaving.has(channel)) this.joining.add(channel);
  }
}

/** Whether states were left out for size alone: a channel in both lists has no saved state. */
function mayJoinLeftNow(states: Joined['states'], left: readonly string[]): boolean {
  const again = new Set(left);
  return states.length > 0 && !states.some(({ channel }) => again.has(channel));
}

/** Moves channels until the other set is as large as a request allows. */
function move(from: Set<string>, to: Set<string>): void {
  for (const channel of from) {
    if (to.size >= MAX_CHANNELS_PER_REQUEST) return;
    from.delete(channel);
    to.add(channel);
  }
}
