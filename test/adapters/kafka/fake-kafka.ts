import type { ProducerBatch, RecordMetadata } from 'kafkajs';
import type { AppendLimits } from '../../../adapters/kafka/append/append-queue';
import { KafkaLog } from '../../../adapters/kafka/append/event-log';
import { type GatedMessage, gatedPartition } from '../../../adapters/kafka/client/client';
import type { PartitionEntry } from '../../../adapters/partition-log';
import type { LikestreamError } from '../../../schemas/errors';
import { VirtualClock } from '../../simulation/virtual-clock';

/**
 * The outcome of one request, and its time. `never` leaves it open. `unanswered` and
 * `late` requests are appended nevertheless.
 */
export interface Outcome {
  readonly kind:
    | 'done'
    | 'failed'
    | 'never'
    | 'retried'
    | 'twice'
    | 'unanswered'
    | 'late'
    | 'closed';
  readonly afterMs: number;
}

/** A request that was written to the socket. */
interface Written {
  readonly atMs: number;
  readonly values: readonly string[];
  readonly bytes: number;
}

const FAST: Outcome = { kind: 'done', afterMs: 1 };

/** kafkajs's producer in memory: checks each message's gate at each try, like `producerOf`. */
export class FakeKafkaProducer {
  readonly written: Written[] = [];
  readonly partitions = new Map<string, string[]>();
  outcomes: Outcome[] = [];
  /** The outcome of requests without a given one. */
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
    if (outcome.kind === 'closed')
      throw Object.assign(new Error('larger'), { type: 'MESSAGE_TOO_LARGE' });
    if (outcome.kind === 'retried') this.write(topicMessages);
    // If a leader moves within a request, kafkajs repeats its partitions, and returns both answers.
    const first = outcome.kind === 'twice' ? this.appended(topicMessages) : [];
    return [...this.appended(topicMessages), ...first];
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

/** The topic of all appends. */
export const TOPIC = 'likes';

/** Limits that a few small appends reach. */
export const SMALL: AppendLimits = {
  maxQueuedEntries: 12,
  maxQueuedBytes: 1_500,
  maxUnsentMs: 3_000,
  maxRequestEntries: 5,
  maxRequestBytes: 600,
};

/** A KafkaLog on kafkajs in memory. */
export function use(limits?: AppendLimits) {
  const clock = new VirtualClock();
  const producer = new FakeKafkaProducer(clock);
  const fatals: Error[] = [];
  const fatal = (error: Error) => void fatals.push(error);
  const log = new KafkaLog({ producer, clock, fatal, ...(limits && { limits }) });
  return { clock, fatals, log, producer };
}

/** An entry of one channel. */
export function entry(value: string, partition = 0): PartitionEntry {
  return { key: 'video:a', partition, value };
}

/** The outcome of an append. */
export function watch(append: Promise<readonly number[]>) {
  const seen: { offsets?: readonly number[]; error?: LikestreamError; outcomes: number } = {
    outcomes: 0,
  };
  append.then(
    (offsets) => Object.assign(seen, { offsets, outcomes: seen.outcomes + 1 }),
    (error: LikestreamError) => Object.assign(seen, { error, outcomes: seen.outcomes + 1 }),
  );
  return seen;
}
