import type { Consumer } from 'kafkajs';
import { type Clock, pause } from '../../../runtime/clock';
import type { KafkaPositions } from '../positions/positions';

const RETRY_MS = 200;

// If a topic is deleted or a log loses its end, a reader's fetch fails, and kafkajs sends one of
// these requests. The next fetch may then return other records at the same offsets.
const AFTER_A_BREAK = ['Metadata', 'ListOffsets', 'JoinGroup'];

export interface LogVerificationOptions {
  readonly consumer: Pick<Consumer, 'events' | 'on' | 'seek'>;
  readonly positions: Pick<KafkaPositions, 'recheck'>;
  readonly topic: string;
  readonly clock: Clock;
  /** By owned partition, the offset of its next record. */
  readonly next: ReadonlyMap<number, number>;
  /** Rejects with `log_mismatch` if the topic was replaced by another one. */
  readonly check?: (() => Promise<void>) | undefined;
  /** Reports a failed step that is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Whether the process ends because of this error. */
  readonly isFatal: (error: unknown) => boolean;
}

/** Verifies, after each break of a reader's connection, that the log is the same as before. */
export class LogVerification {
  /** Whether the log is still the one that this member has read; pending during a check. */
  isSameLog = Promise.resolve(true);
  private isStopped = false;

  constructor(private readonly options: LogVerificationOptions) {
    const { consumer } = options;
    consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (AFTER_A_BREAK.includes(payload.apiName)) this.isSameLog = this.verifyTopic();
    });
  }

  /** Ends all checks. */
  stop(): void {
    this.isStopped = true;
  }

  private async verifyTopic(): Promise<boolean> {
    while (!this.isStopped) {
      try {
        await this.options.check?.();
        await this.readAgain();
        return true;
      } catch (error) {
        if (this.options.isFatal(error)) return false;
        this.options.failed('verify the topic', error);
        await pause(this.options.clock, RETRY_MS);
      }
    }
    return false;
  }

  /** Reads the last record of each owned partition again: it differs if the log lost its end. */
  private async readAgain(): Promise<void> {
    const { consumer, next, positions, topic } = this.options;
    if (next.size === 0) return;
    for (const [partition, offset] of await positions.recheck(new Map(next))) {
      if (next.has(partition)) consumer.seek({ topic, partition, offset: String(offset) });
    }
  }
}
