import { CompressionTypes, type Producer, type RecordMetadata } from 'kafkajs';
import { asLikestreamError } from '../schemas/errors';
import type { Log, LogEntry } from './log';

/** The broker has so long to have an append on all in-sync replicas. */
const ACKS_MS = 3_000;

const ALL_REPLICAS = -1;
const MAX_BATCH_ENTRIES = 2_000;

interface Waiting {
  readonly topic: string;
  readonly entries: readonly LogEntry[];
  resolve(offsets: readonly number[]): void;
  reject(error: unknown): void;
}

/** The event log in Kafka: one batch in flight, what comes meanwhile goes with the next one. */
export class KafkaLog implements Log {
  private waiting: Waiting[] = [];
  private busy = false;

  constructor(private readonly producer: Producer) {}

  append(topic: string, entries: readonly LogEntry[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ topic, entries, resolve, reject });
      if (!this.busy) void this.send();
    });
  }

  private async send(): Promise<void> {
    this.busy = true;
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      try {
        this.answer(batch, await this.sendBatch(batch));
      } catch (error) {
        for (const { reject } of batch) reject(asLikestreamError(error, 'log_unavailable'));
      }
    }
    this.busy = false;
  }

  private takeBatch(): Waiting[] {
    let entries = 0;
    let appends = 0;
    for (const waiting of this.waiting) {
      if (appends > 0 && entries + waiting.entries.length > MAX_BATCH_ENTRIES) break;
      entries += waiting.entries.length;
      appends += 1;
    }
    return this.waiting.splice(0, appends);
  }

  private sendBatch(batch: readonly Waiting[]): Promise<RecordMetadata[]> {
    const topics = [...new Set(batch.map(({ topic }) => topic))];
    const topicMessages = topics.map((topic) => ({
      topic,
      messages: batch.filter((each) => each.topic === topic).flatMap(({ entries }) => [...entries]),
    }));
    return this.producer.sendBatch({
      acks: ALL_REPLICAS,
      timeout: ACKS_MS,
      compression: CompressionTypes.None,
      topicMessages,
    });
  }

  // Kafka answers with each partition's first offset; entries of a partition follow in their order.
  private answer(batch: readonly Waiting[], answers: readonly RecordMetadata[]): void {
    const next = new Map<string, number>();
    for (const { topicName, partition, baseOffset } of answers) {
      next.set(`${topicName}/${partition}`, Number(baseOffset));
    }
    for (const { topic, entries, resolve } of batch) {
      resolve(
        entries.map(({ partition }) => {
          const name = `${topic}/${partition}`;
          const offset = next.get(name) ?? Number.NaN;
          next.set(name, offset + 1);
          return offset;
        }),
      );
    }
  }
}
