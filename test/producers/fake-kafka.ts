import type { ProducerBatch, RecordMetadata } from 'kafkajs';
import { type GatedMessage, gatedPartition } from '../../runtime/kafka';
import type { VirtualClock } from '../simulation/virtual-clock';

/**
 * How one request ends, and after which time. `never` leaves it open for good; `unanswered` and
 * `late` are appended all the same.
 */
export interface Outcome {
  readonly kind: 'done' | 'failed' | 'never' | 'retried' | 'unanswered' | 'late';
  readonly afterMs: number;
}

/** A request as it was written to the socket. */
interface Written {
  readonly atMs: number;
  readonly values: readonly string[];
  readonly bytes: number;
}

const FAST: Outcome = { kind: 'done', afterMs: 1 };

/** kafkajs's producer in memory: asks each message's gate at each try, as `producerOf` does. */
export class FakeKafkaProducer {
  readonly written: Written[] = [];
  readonly partitions = new Map<string, string[]>();
  outcomes: Outcome[] = [];
  /** The outcome of requests for which none is given. */
  usual = FAST;

  constructor(private readonly clock: VirtualClock) {}

  async sendBatch({ topicMessages = [] }: ProducerBatch): Promise<RecordMetadata[]> {
    const outcome = this.outcomes.shift() ?? this.usual;
    this.write(topicMessages);
    await new Promise<void>((resolve) => this.clock.after(outcome.afterMs, resolve));
    if (outcome.kind === 'unanswered' || outcome.kind === 'late') this.appended(topicMessages);
    if (outcome.kind === 'unanswered') throw new Error('connection closed');
    if (outcome.kind === 'never' || outcome.kind === 'late') return new Promise(() => undefined);
    if (outcome.kind === 'failed') throw new Error('no leader');
    if (outcome.kind === 'retried') this.write(topicMessages);
    return this.appended(topicMessages);
  }

  private write(topicMessages: NonNullable<ProducerBatch['topicMessages']>): void {
    const values: string[] = [];
    let bytes = 0;
    for (const { messages, topic } of topicMessages) {
      for (const message of messages as GatedMessage[]) {
        gatedPartition({ topic, partitionMetadata: [], message });
        values.push(String(message.value));
        bytes += Buffer.byteLength(String(message.key)) + Buffer.byteLength(String(message.value));
      }
    }
    this.written.push({ atMs: this.clock.monotonic(), values, bytes });
  }

  private appended(topicMessages: NonNullable<ProducerBatch['topicMessages']>): RecordMetadata[] {
    const answers = new Map<string, RecordMetadata>();
    for (const { messages, topic } of topicMessages) {
      for (const { partition = 0, value } of messages) {
        const name = `${topic}/${partition}`;
        const log = this.partitions.get(name) ?? [];
        this.partitions.set(name, log);
        const baseOffset = String(log.length);
        const answer = { topicName: topic, partition, errorCode: 0, baseOffset };
        if (!answers.has(name)) answers.set(name, answer);
        log.push(String(value));
      }
    }
    return [...answers.values()];
  }
}
