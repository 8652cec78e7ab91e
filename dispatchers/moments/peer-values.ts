import type { Moments } from '../../adapters/moments';
import type { Clock, Timer } from '../../runtime/clock';
import { feedName } from '../../schemas/delivery';
import type { Moment } from '../../schemas/moment';

/** Values that wait to be sent, one a feed; if there are more, the oldest are dropped. */
const MAX_WAITING = 20_000;

/** Values of one append. */
const VALUES_PER_SEND = 500;

/** The least time between the ends of an append and the start of the next one, ms. */
const GAP_MS = 20;

/** The wait after a failed append, ms. */
const RETRY_MS = 1_000;

/** What the own workers of this datacenter have of a leased feed. */
export interface OwnValue {
  readonly channel: string;
  readonly type: string;
  /** The joined value of the workers; undefined if none has one. */
  readonly own: unknown;
  readonly version: number;
  readonly life: string;
}

export interface PeerValuesOptions {
  readonly moments: Pick<Moments, 'send'>;
  readonly clock: Pick<Clock, 'after'>;
  /** Reports a failed append, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
}

/**
 * Sends values of leased feeds to other datacenters. Values of one feed that wait are merged to the
 * newest. Values that are dropped are repeated by the next rotation.
 */
export class PeerValues {
  private readonly waiting = new Map<string, Moment>();
  private timer: Timer | undefined;
  private isSending = false;
  private isClosed = false;

  constructor(private readonly options: PeerValuesOptions) {}

  /** Sends a value soon. */
  published({ channel, life, own, type, version }: OwnValue): void {
    if (this.isClosed) return;
    const name = feedName({ channel, type });
    const value = own === undefined ? {} : { value: own };
    const waiting = this.waiting.get(name);
    // Rounds may end in another order than they began.
    if (waiting?.life === life && (waiting.version ?? 0) > version) return;
    this.waiting.set(name, { channel, type, version, life, ...value });
    const [oldest] = this.waiting.keys();
    if (this.waiting.size > MAX_WAITING && oldest !== undefined) this.waiting.delete(oldest);
    this.sendLater(0);
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
    this.waiting.clear();
  }

  private sendLater(ms: number): void {
    if (this.isClosed || this.isSending || this.waiting.size === 0) return;
    this.timer ??= this.options.clock.after(ms, () => {
      this.timer = undefined;
      void this.send();
    });
  }

  private async send(): Promise<void> {
    const values = [...this.waiting.values()].slice(0, VALUES_PER_SEND);
    for (const value of values) this.waiting.delete(feedName(value));
    this.isSending = true;
    let waitMs = GAP_MS;
    try {
      await this.options.moments.send(values);
    } catch (error) {
      this.options.failed('send values to peers', error);
      this.restore(values);
      waitMs = RETRY_MS;
    }
    this.isSending = false;
    this.sendLater(waitMs);
  }

  /** Adds values again that were not sent, unless newer ones wait. */
  private restore(values: readonly Moment[]): void {
    for (const value of values) {
      const name = feedName(value);
      if (this.waiting.size < MAX_WAITING && !this.waiting.has(name)) this.waiting.set(name, value);
    }
  }
}
