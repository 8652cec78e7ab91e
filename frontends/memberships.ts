import { type Clock, every, type Timer } from '../runtime/clock';
import { DIGEST_BUCKETS, type Joined, type Membership, type Worker } from '../schemas/delivery';
import { Lingering } from './lingering';
import type { Subscriptions } from './subscriptions';

/** How often the lease is renewed; three renewals may be lost before it ends. */
export const RENEW_MS = 1_500;

/** A request that failed is made again after this time. */
export const RETRY_MS = 300;

/** The least time between two requests: what changes meanwhile goes into the next one. */
export const SEND_GAP_MS = 10;

/** Channels that one request joins, and that it leaves. */
export const MAX_CHANNELS_PER_REQUEST = 500;

export interface MembershipsParts {
  readonly worker: Worker;
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
  /** The digest of the channels held and their states. */
  readonly digest: () => readonly number[];
  /** The channels held in a bucket. */
  readonly inBucket: (bucket: number) => readonly string[];
  /** A channel's state has come. */
  readonly learned: (channel: string, vector: Joined['states'][number]['vector']) => void;
  /** A channel is held no longer. */
  readonly released: (channel: string) => void;
  /** Called for each request that failed; it is made again. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** What this worker watches, kept equal to what the dispatchers know of it. */
export class Memberships {
  private readonly joining = new Set<string>();
  private readonly leaving = new Set<string>();
  private readonly lingering: Lingering;
  /** Buckets to be joined again as a whole. */
  private readonly unequal = new Set<number>();
  /** Buckets that the last renewal found unequal while they changed. */
  private suspect: ReadonlySet<number> = new Set();
  private turn = 0;
  private busy = false;
  private closed = false;
  private sendAt = 0;
  private sending: Timer | undefined;
  private renewals: Timer | undefined;
  private sooner: Timer | undefined;

  constructor(private readonly parts: MembershipsParts) {
    this.lingering = new Lingering(parts.clock, (channels) => this.release(channels));
  }

  /** Takes the lease, and renews it from now on. */
  start(): Promise<void> {
    this.renewals = every(this.parts.clock, RENEW_MS, () => this.renew());
    return this.renew();
  }

  /** The channel has viewers: its state will come. */
  want(channel: string, isNew: boolean): void {
    this.lingering.keep(channel);
    this.leaving.delete(channel);
    if (!isNew) return;
    this.joining.add(channel);
    this.sendSoon();
  }

  /** Joins a channel again that is held: the answer has its newest state. */
  refresh(channel: string): void {
    if (this.leaving.has(channel)) return;
    this.joining.add(channel);
    this.sendSoon();
  }

  /** The last viewer of the channel has gone. */
  unwant(channel: string): void {
    this.lingering.add(channel);
  }

  /** Releases so many channels without viewers before their time, none of `except`. */
  makeRoom(count: number, except: readonly string[]): void {
    this.lingering.releaseOldest(count, except);
  }

  /** Ends all timers; nothing is sent any more. */
  close(): void {
    this.closed = true;
    this.lingering.close();
    this.renewals?.cancel();
    this.sooner?.cancel();
    this.sending?.cancel();
  }

  private release(channels: readonly string[]): void {
    for (const channel of channels) {
      this.joining.delete(channel);
      this.leaving.add(channel);
      this.parts.released(channel);
    }
    this.sendSoon();
  }

  private async renew(): Promise<void> {
    const { worker, subscriptions } = this.parts;
    const digest = this.parts.digest();
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
      this.parts.failed('renew', error);
      this.renewSooner();
    }
  }

  /**
   * A bucket that changed while it was compared is unequal for that reason alone, most of the time:
   * it is joined again only if the next renewal finds it unequal too.
   */
  private compare(unequal: readonly number[], before: readonly number[] | undefined): void {
    const now = this.parts.digest();
    const suspect = new Set<number>();
    for (const bucket of unequal) {
      if (bucket >= DIGEST_BUCKETS) continue;
      const isSettled = before !== undefined && before[bucket] === now[bucket];
      if (isSettled || this.suspect.has(bucket)) this.unequal.add(bucket);
      else suspect.add(bucket);
    }
    this.suspect = suspect;
    this.sendSoon();
  }

  // Without its lease no dispatcher finds a worker, so it does not wait for the next round.
  private renewSooner(): void {
    if (this.closed) return;
    this.sooner?.cancel();
    this.sooner = this.parts.clock.after(RETRY_MS, () => this.renew());
  }

  private get hasChanges(): boolean {
    return this.joining.size + this.leaving.size + this.unequal.size > 0;
  }

  private sendSoon(): void {
    if (this.busy || this.closed || this.sending || !this.hasChanges) return;
    const ms = Math.max(0, this.sendAt - this.parts.clock.monotonic());
    this.sending = this.parts.clock.after(ms, () => {
      this.sending = undefined;
      void this.send();
    });
  }

  private async send(): Promise<void> {
    this.busy = true;
    const isDone = await this.sendOnce(this.next());
    this.busy = false;
    this.sendAt = this.parts.clock.monotonic() + (isDone ? SEND_GAP_MS : RETRY_MS);
    this.sendSoon();
  }

  /** Takes the next request's part of what is to be sent. */
  private next(): Membership {
    const join = new Set<string>();
    const buckets: number[] = [];
    for (const bucket of this.unequal) {
      const channels = this.parts.inBucket(bucket);
      if (join.size > 0 && join.size + channels.length > MAX_CHANNELS_PER_REQUEST) break;
      this.unequal.delete(bucket);
      buckets.push(bucket);
      for (const channel of channels) {
        this.joining.delete(channel);
        // The directory drops the rest of a bucket this large; the next requests join it.
        if (join.size < MAX_CHANNELS_PER_REQUEST) join.add(channel);
        else this.joining.add(channel);
      }
    }
    move(this.joining, join);
    const leave = new Set<string>();
    move(this.leaving, leave);
    return { worker: this.parts.worker, join: [...join], leave: [...leave], buckets };
  }

  /** Resolves with false if the next request has to wait for a while. */
  private async sendOnce(change: Membership): Promise<boolean> {
    try {
      const { left = [], states } = await this.parts.subscriptions.change(change);
      if (this.closed) return false;
      for (const { channel, vector } of states) this.parts.learned(channel, vector);
      this.joinAgain(left);
      return left.length === 0 || isWorthAsking(states, left);
    } catch (error) {
      this.parts.failed('change', error);
      this.joinAgain(change.join);
      for (const channel of change.leave) if (!this.joining.has(channel)) this.leaving.add(channel);
      for (const bucket of change.buckets) this.unequal.add(bucket);
      return false;
    }
  }

  // A channel that was released meanwhile is to be left.
  private joinAgain(channels: readonly string[]): void {
    for (const channel of channels) if (!this.leaving.has(channel)) this.joining.add(channel);
  }
}

/** Whether an answer was only too large: a channel that is answered and left lacks the saved state. */
function isWorthAsking(states: Joined['states'], left: readonly string[]): boolean {
  const again = new Set(left);
  return states.length > 0 && !states.some(({ channel }) => again.has(channel));
}

/** Moves channels until the other set has as many as a request may have. */
function move(from: Set<string>, to: Set<string>): void {
  for (const channel of from) {
    if (to.size >= MAX_CHANNELS_PER_REQUEST) return;
    from.delete(channel);
    to.add(channel);
  }
}
