import { type Clock, every, type Timer } from '../runtime/clock';
import { bucketOf, DIGEST_BUCKETS, digestOf, type Joined, type Worker } from '../schemas/delivery';
import type { Vector } from '../schemas/state';
import type { Subscriptions } from './subscriptions';

/** How often the lease is renewed; three renewals may be lost before it ends. */
export const RENEW_MS = 1_500;

const RETRY_MS = 300;

/** A channel without viewers is kept this long: its viewers may be on their way back. */
const LINGER_MS = 5_000;

const MAX_CHANNELS_PER_REQUEST = 2_000;

export interface MembershipsParts {
  readonly worker: Worker;
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
  /** The channels held, with the state that is known of each. */
  readonly held: () => Iterable<readonly [string, Vector]>;
  /** A channel's state has come. */
  readonly learned: (channel: string, vector: Vector) => void;
  /** A channel is held no more. */
  readonly released: (channel: string) => void;
  /** Told of each request that failed; it is made again. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** What this worker watches, kept equal to what the dispatchers know of it. */
export class Memberships {
  private readonly joining = new Set<string>();
  private readonly leaving = new Set<string>();
  private readonly lingering = new Map<string, Timer>();
  private unequal = new Set<number>();
  private busy = false;
  private closed = false;
  private retry: Timer | undefined;
  private renewals: Timer | undefined;
  private sooner: Timer | undefined;

  constructor(private readonly parts: MembershipsParts) {}

  start(): Promise<void> {
    this.renewals = every(this.parts.clock, RENEW_MS, () => this.renew());
    return this.renew();
  }

  /** Viewers of the channel are here: its state will come. */
  want(channel: string, isNew: boolean): void {
    this.lingering.get(channel)?.cancel();
    this.lingering.delete(channel);
    this.leaving.delete(channel);
    if (!isNew) return;
    this.joining.add(channel);
    void this.send();
  }

  /** The last viewer of the channel has gone. */
  unwant(channel: string): void {
    const timer = this.parts.clock.after(LINGER_MS, () => {
      this.lingering.delete(channel);
      this.joining.delete(channel);
      this.leaving.add(channel);
      this.parts.released(channel);
      void this.send();
    });
    this.lingering.set(channel, timer);
  }

  close(): void {
    this.closed = true;
    this.renewals?.cancel();
    this.sooner?.cancel();
    this.retry?.cancel();
    for (const timer of this.lingering.values()) timer.cancel();
  }

  private async renew(): Promise<void> {
    const { worker, subscriptions, held } = this.parts;
    try {
      const { unequal } = await subscriptions.renew({ worker, digest: digestOf(held()) });
      for (const bucket of unequal) if (bucket < DIGEST_BUCKETS) this.unequal.add(bucket);
      void this.send();
    } catch (error) {
      this.parts.failed('renew', error);
      this.renewSooner();
    }
  }

  // Without its lease nobody finds a worker: it is not left so until the next round.
  private renewSooner(): void {
    if (this.closed) return;
    this.sooner?.cancel();
    this.sooner = this.parts.clock.after(RETRY_MS, () => this.renew());
  }

  private async send(): Promise<void> {
    if (this.busy || this.closed) return;
    this.busy = true;
    while (!this.closed && this.joining.size + this.leaving.size + this.unequal.size > 0) {
      if (!(await this.sendOnce())) {
        this.retry = this.parts.clock.after(RETRY_MS, () => {
          this.busy = false;
          void this.send();
        });
        return;
      }
    }
    this.busy = false;
  }

  private async sendOnce(): Promise<boolean> {
    const buckets = this.unequal;
    this.unequal = new Set();
    for (const [channel] of this.parts.held()) {
      if (buckets.has(bucketOf(channel))) this.joining.add(channel);
    }
    const join = take(this.joining, buckets.size > 0 ? Number.POSITIVE_INFINITY : undefined);
    const leave = take(this.leaving);
    try {
      const { worker, subscriptions } = this.parts;
      const change = { worker, join, leave, buckets: [...buckets] };
      this.learn(await subscriptions.change(change));
      return true;
    } catch (error) {
      this.parts.failed('change', error);
      for (const channel of join) if (!this.leaving.has(channel)) this.joining.add(channel);
      for (const channel of leave) if (!this.joining.has(channel)) this.leaving.add(channel);
      for (const bucket of buckets) this.unequal.add(bucket);
      return false;
    }
  }

  private learn({ states }: Joined): void {
    for (const { channel, vector } of states) this.parts.learned(channel, vector);
  }
}

function take(channels: Set<string>, most = MAX_CHANNELS_PER_REQUEST): string[] {
  const taken: string[] = [];
  for (const channel of channels) {
    if (taken.length >= most) break;
    channels.delete(channel);
    taken.push(channel);
  }
  return taken;
}
