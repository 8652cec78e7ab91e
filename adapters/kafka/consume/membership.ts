import type { Consumer, ConsumerCrashEvent } from 'kafkajs';
import type { Clock, Timer } from '../../../runtime/clock';

/** The first wait before this member joins again; each further wait doubles. */
const FIRST_REJOIN_MS = 500;
const MAX_REJOIN_MS = 3_000;

/** A member that stays in the group for this long counts as recovered. */
const RECOVERED_AFTER_MS = 30_000;

/** The process ends if every join has failed for this long. */
const GIVE_UP_AFTER_MS = 60_000;

export interface KafkaMembershipOptions {
  readonly consumer: Pick<Consumer, 'events' | 'on'>;
  readonly clock: Clock;
  /** Connects the consumer and runs it. */
  readonly run: () => Promise<void>;
  /** Called when this member has joined the group, and when it is no longer in it. */
  readonly changed: (isMember: boolean) => void;
  /** Reports a failed step that is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Reports that the process must end. */
  readonly fatal: (error: Error) => void;
}

/**
 * Keeps a consumer in its group. kafkajs restarts it after retriable errors. After other errors it
 * only emits CRASH; then this class joins again, and ends the process if that fails for too long.
 */
export class KafkaMembership {
  isMember = false;
  private joinedAtMs: number | undefined;
  private failingSinceMs: number | undefined;
  private waitMs = FIRST_REJOIN_MS;
  private rejoin: Timer | undefined;
  private isStopped = false;

  constructor(private readonly options: KafkaMembershipOptions) {
    const { consumer } = options;
    consumer.on(consumer.events.GROUP_JOIN, () => this.joined());
    consumer.on(consumer.events.CRASH, ({ payload }) => this.crashed(payload));
  }

  /** Joins the group; rejects if Kafka cannot be reached. */
  async start(): Promise<void> {
    this.options.changed(false);
    await this.options.run();
  }

  /** Ends all waits; does not join again. */
  stop(): void {
    this.isStopped = true;
    this.isMember = false;
    this.rejoin?.cancel();
  }

  private joined(): void {
    this.isMember = true;
    this.joinedAtMs ??= this.options.clock.monotonic();
    this.options.changed(true);
  }

  private crashed({ error, restart }: ConsumerCrashEvent['payload']): void {
    const nowMs = this.options.clock.monotonic();
    const hadRecovered =
      this.joinedAtMs !== undefined && nowMs - this.joinedAtMs >= RECOVERED_AFTER_MS;
    if (hadRecovered) this.recovered();
    this.isMember = false;
    this.joinedAtMs = undefined;
    this.options.changed(false);
    if (restart || this.isStopped) return;
    this.options.failed('consume', error);
    this.failingSinceMs ??= nowMs;
    if (nowMs - this.failingSinceMs < GIVE_UP_AFTER_MS) this.rejoinLater();
    else this.options.fatal(gaveUp(error));
  }

  private recovered(): void {
    this.failingSinceMs = undefined;
    this.waitMs = FIRST_REJOIN_MS;
  }

  private rejoinLater(): void {
    this.rejoin = this.options.clock.after(this.waitMs, () => void this.runAgain());
    this.waitMs = Math.min(2 * this.waitMs, MAX_REJOIN_MS);
  }

  private async runAgain(): Promise<void> {
    try {
      await this.options.run();
    } catch (error) {
      if (this.isStopped) return;
      // The process does not end while Kafka is unreachable.
      this.failingSinceMs = undefined;
      this.options.failed('join', error);
      this.rejoinLater();
    }
  }
}

function gaveUp(cause: Error): Error {
  const seconds = GIVE_UP_AFTER_MS / 1_000;
  return new Error(`not in the consumer group for ${seconds} s: ${cause.message}`, { cause });
}
