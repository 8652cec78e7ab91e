import type { Consumer } from 'kafkajs';
import { type Clock, pause } from '../runtime/clock';
import type { KafkaPositions } from './kafka-positions';

const RETRY_MS = 200;

// A topic that is deleted, and a log that lost its end, fail their readers' fetches, after which
// they ask one of these. What they fetch then may be other records under the same offsets.
const AFTER_A_BREAK = ['Metadata', 'ListOffsets', 'JoinGroup'];

export interface LogRecognitionParts {
  readonly consumer: Pick<Consumer, 'events' | 'on' | 'seek'>;
  readonly positions: Pick<KafkaPositions, 'recheck'>;
  readonly topic: string;
  readonly clock: Clock;
  /** By owned partition, the offset that its next record has. */
  readonly next: ReadonlyMap<number, number>;
  /** Rejects with `log_mismatch` when the topic is another one than it was. */
  readonly check?: (() => Promise<void>) | undefined;
  /** Reports what failed and is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Whether the process ends because of this error. */
  readonly isFatal: (error: unknown) => boolean;
}

/** After each break of a reader's connection: whether the log is still the one that it read. */
export class LogRecognition {
  /** Whether the log is the one that this member knows; pending while that is looked up. */
  isKnown = Promise.resolve(true);
  private isStopped = false;

  constructor(private readonly parts: LogRecognitionParts) {
    const { consumer } = parts;
    consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (AFTER_A_BREAK.includes(payload.apiName)) this.isKnown = this.recognise();
    });
  }

  /** Looks up nothing more. */
  stop(): void {
    this.isStopped = true;
  }

  private async recognise(): Promise<boolean> {
    while (!this.isStopped) {
      try {
        await this.parts.check?.();
        await this.readAgain();
        return true;
      } catch (error) {
        if (this.parts.isFatal(error)) return false;
        this.parts.failed('recognise', error);
        await pause(this.parts.clock, RETRY_MS);
      }
    }
    return false;
  }

  /** Reads the last record of each owned partition again: a log that lost its end has another. */
  private async readAgain(): Promise<void> {
    const { consumer, next, positions, topic } = this.parts;
    if (next.size === 0) return;
    for (const [partition, offset] of await positions.recheck(new Map(next))) {
      if (next.has(partition)) consumer.seek({ topic, partition, offset: String(offset) });
    }
  }
}
