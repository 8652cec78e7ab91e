import type { Consumer, EachBatchPayload, TopicPartitionOffset } from 'kafkajs';
import { type Clock, every, type Timer } from '../runtime/clock';
import { updateFrom } from '../schemas/broadcast';
import { mergeUpdates, type Update } from '../schemas/delivery';
import type { Peers } from './peers';

/** What was handed on longer ago than this is in the cache: whoever takes over reads from there. */
const COMMIT_MS = 5_000;

export interface KafkaPeersParts {
  readonly consumer: Consumer;
  /** The mirrored topics. */
  readonly topics: readonly string[];
  readonly clock: Clock;
  /** Told of what failed and is tried again, and of records that cannot be read. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** What other datacenters tell, mirrored into this one's Kafka. */
export class KafkaPeers implements Peers {
  private read = new Map<string, TopicPartitionOffset>();
  private settled: readonly TopicPartitionOffset[] = [];
  private commits: Timer | undefined;

  constructor(private readonly parts: KafkaPeersParts) {}

  async start(take: (updates: readonly Update[]) => void): Promise<void> {
    const { clock, consumer, topics } = this.parts;
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => this.hand(payload, take),
    });
    this.commits = every(clock, COMMIT_MS, () => this.commit());
  }

  async stop(): Promise<void> {
    this.commits?.cancel();
    await this.parts.consumer.stop();
    await this.parts.consumer.disconnect();
  }

  private hand({ batch }: EachBatchPayload, take: (updates: readonly Update[]) => void): void {
    const newest = new Map<string, Update>();
    for (const { key, value } of batch.messages) {
      const update = this.parse(String(key), String(value));
      const earlier = update && newest.get(update.channel);
      if (update) newest.set(update.channel, earlier ? mergeUpdates(earlier, update) : update);
    }
    take([...newest.values()]);
    const { partition, topic } = batch;
    const offset = String(Number(batch.lastOffset()) + 1);
    this.read.set(`${topic}/${partition}`, { topic, partition, offset });
  }

  private parse(channel: string, value: string): Update | undefined {
    try {
      return updateFrom(channel, value);
    } catch (error) {
      this.parts.failed('read a peer', error);
      return undefined;
    }
  }

  // One round late: what was handed on just now may not have reached the cache.
  private async commit(): Promise<void> {
    const offsets = this.settled;
    this.settled = [...this.read.values()];
    this.read = new Map();
    try {
      if (offsets.length > 0) await this.parts.consumer.commitOffsets([...offsets]);
    } catch (error) {
      this.parts.failed('commit peers', error);
    }
  }
}
