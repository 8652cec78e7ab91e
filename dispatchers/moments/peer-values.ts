import type { Moments } from '../../adapters/moments';
import type { Clock, Timer } from '../../runtime/clock';
import { feedName } from '../../schemas/delivery';
import type { Moment } from '../../schemas/moment';
import type { Published } from '../leased/own-values';

/** Values that wait to be sent, one a feed; if there are more, the oldest are dropped. */
const MAX_WAITING = 20_000;

/** Values of one append. */
const VALUES_PER_SEND = 500;

/** The least time between the ends of an append and the start of the next one, ms. */
const GAP_MS = 20;

/** The wait after a failed append, ms. */
const RETRY_MS = 1_000;

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
  private sending: Promise<void> | undefined;
  /** Whether the last append has failed. */
  private hasFailed = false;
  private isClosed = false;

  constructor(private readonly options: PeerValuesOptions) {}

  /** Sends a value soon. */
  published({ channel, life, own, type, version }: Published): void {
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

  /** Sends what waits, without a repetition, and ends. */
  async finish(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    await this.sending;
    while (this.waiting.size > 0 && !this.hasFailed) await this.send();
    this.waiting.clear();
  }

  private sendLater(ms: number): void {
    if (this.isClosed || this.sending || this.waiting.size === 0) return;
    this.timer ??= this.options.clock.after(ms, () => {
      this.timer = undefined;
      this.sending = this.send();
    });
  }

  private async send(): Promise<void> {
    const values = [...this.waiting.values()].slice(0, VALUES_PER_SEND);
    for (const value of values) this.waiting.delete(feedName(value));
    try {
      await this.options.moments.send(values);
      this.hasFailed = false;
    } catch (error) {
      this.options.failed('send values to peers', error);
      this.restore(values);
      this.hasFailed = true;
    }
    this.sending = undefined;
    this.sendLater(this.hasFailed ? RETRY_MS : GAP_MS);
  }

  /** Adds values again that were not sent, unless newer ones wait. */
  private restore(values: readonly Moment[]): void {
    for (const value of values) {
      const name = feedName(value);
      if (this.waiting.size < MAX_WAITING && !this.waiting.has(name)) this.waiting.set(name, value);
    }
  }
}
