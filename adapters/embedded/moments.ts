import type { Clock } from '../../runtime/clock';
import { LikestreamError } from '../../schemas/errors';
import type { Moment } from '../../schemas/moment';
import type { MomentReceiver, Moments, ReceivedMoment } from '../moments';

/** The most moments that wait for the receiver; further ones are refused. */
export const MAX_WAITING_MOMENTS = 10_000;

export interface EmbeddedMomentsOptions {
  readonly datacenter: string;
  readonly clock: Pick<Clock, 'after' | 'monotonic' | 'now'>;
  /** Reports moments that the receiver has rejected; they are lost. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** Moments in memory, for producers and a dispatcher in one process. There are no peers. */
export class EmbeddedMoments implements Moments {
  private receiver: MomentReceiver | undefined;
  private waiting: ReceivedMoment[] = [];
  private running: Promise<void> | undefined;
  private offset = 0;

  constructor(private readonly options: EmbeddedMomentsOptions) {}

  /** Resolves before the receiver has them. Without a receiver they are dropped. */
  async send(moments: readonly Moment[]): Promise<void> {
    if (!this.receiver) return;
    if (this.waiting.length + moments.length > MAX_WAITING_MOMENTS) {
      throw new LikestreamError('log_refused', `${this.waiting.length} moments wait already`);
    }
    const { clock, datacenter } = this.options;
    const appendedAt = clock.now();
    const sending = { by: 'embedded', ms: clock.monotonic(), t: appendedAt };
    for (const moment of moments) {
      this.waiting.push({ ...moment, datacenter, offset: this.offset, appendedAt, sending });
      this.offset += 1;
    }
    this.running ??= new Promise((resolve) => {
      clock.after(0, () => void this.deliver().then(resolve));
    });
  }

  async start(receiver: MomentReceiver): Promise<void> {
    this.receiver = receiver;
  }

  async stop(): Promise<void> {
    this.receiver = undefined;
    await this.running;
  }

  private async deliver(): Promise<void> {
    while (this.waiting.length > 0) {
      const received = this.waiting;
      this.waiting = [];
      try {
        await this.receiver?.moments(received);
      } catch (error) {
        this.options.failed('receive moments', error);
      }
    }
    this.running = undefined;
  }
}
