import type { Consumer, TopicPartitionOffsetAndMetadata } from 'kafkajs';
import { asLikestreamError, LikestreamError } from '../schemas/errors';

/**
 * Commits offsets, and rejects if Kafka did not accept them. kafkajs's own `commitOffsets` resolves
 * without a commit while its consumer does not run; only its COMMIT_OFFSETS event confirms a
 * commit.
 */
export class KafkaCommits {
  /** Commits in flight, in order, each with the positions that Kafka has not acknowledged. */
  private readonly pending = new Set<Set<string>>();

  constructor(private readonly consumer: Pick<Consumer, 'commitOffsets' | 'events' | 'on'>) {
    consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => {
      for (const { topic, partitions } of payload.topics) {
        for (const { partition, offset } of partitions) {
          this.acknowledge(nameOf(topic, partition, String(offset)));
        }
      }
    });
  }

  /** Rejects with `log_unavailable` unless all of `places` are committed. */
  async commit(places: readonly TopicPartitionOffsetAndMetadata[]): Promise<void> {
    const missing = new Set(
      places.map(({ topic, partition, offset }) => nameOf(topic, partition, offset)),
    );
    this.pending.add(missing);
    try {
      await this.consumer.commitOffsets([...places]);
    } catch (error) {
      throw asLikestreamError(error, 'log_unavailable');
    } finally {
      this.pending.delete(missing);
    }
    if (missing.size === 0) return;
    throw new LikestreamError('log_unavailable', 'the consumer does not run: nothing is committed');
  }

  private acknowledge(name: string): void {
    for (const missing of this.pending) {
      if (missing.delete(name)) return;
    }
  }
}

function nameOf(topic: string, partition: number, offset: string): string {
  return `${topic}/${partition}/${offset}`;
}
