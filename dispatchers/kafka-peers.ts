import type { Admin, Batch, Consumer, TopicPartitionOffset } from 'kafkajs';
import { type Clock, every, type Timer } from '../runtime/clock';
import { KafkaCommits } from '../runtime/kafka-commits';
import { type Told, toldIn } from '../schemas/broadcast';

/** Updates delivered longer ago than this were forwarded; a successor reads from there. */
const COMMIT_MS = 5_000;

// As for our own log: a window, and a quarter for clocks that differ.
const REWIND_WINDOWS = 1.25;

export interface KafkaPeersParts {
  readonly consumer: Consumer;
  readonly admin: Admin;
  readonly groupId: string;
  /** The mirrored topics. */
  readonly topics: readonly string[];
  readonly windowMs: number;
  readonly clock: Clock;
  /** Told of what failed and is tried again, and of records that cannot be read. */
  readonly failed: (doing: string, error: unknown) => void;
}

/**
 * The topics that MirrorMaker brings from other datacenters, read by the owner of each partition:
 * from where it had been read, and no later than a window back, so that ids are known again.
 */
export class KafkaPeers {
  private read = new Map<string, TopicPartitionOffset>();
  /** What was committed when we became the owner: all before it was heard. */
  private readonly heardTo = new Map<string, number>();
  private settled: readonly TopicPartitionOffset[] = [];
  private rounds: Timer | undefined;
  private readonly commits: KafkaCommits;

  constructor(private readonly parts: KafkaPeersParts) {
    this.commits = new KafkaCommits(parts.consumer);
  }

  get topics(): readonly string[] {
    return this.parts.topics;
  }

  start(): void {
    this.rounds = every(this.parts.clock, COMMIT_MS, () => this.commit());
  }

  stop(): void {
    this.rounds?.cancel();
  }

  /** Where a partition's new owner is to begin, in each topic. */
  positions(partition: number): Promise<TopicPartitionOffset[]> {
    return Promise.all(this.topics.map((topic) => this.position(topic, partition)));
  }

  /** What a batch tells; what cannot be read is passed over. */
  talesIn({ messages, partition, topic }: Batch): Told[] {
    const heardTo = this.heardTo.get(`${topic}/${partition}`) ?? 0;
    return messages.flatMap(({ key, offset, value }) => {
      try {
        return toldIn(String(key), String(value), Number(offset) < heardTo);
      } catch (error) {
        this.parts.failed('read a peer', error);
        return [];
      }
    });
  }

  /** A batch was handed on. */
  done(batch: Batch): void {
    const { partition, topic } = batch;
    const offset = String(Number(batch.lastOffset()) + 1);
    this.read.set(`${topic}/${partition}`, { topic, partition, offset });
  }

  /** Another member owns the partition. */
  letGo(partition: number): void {
    for (const topic of this.topics) this.read.delete(`${topic}/${partition}`);
    this.settled = this.settled.filter((each) => each.partition !== partition);
  }

  private async position(topic: string, partition: number): Promise<TopicPartitionOffset> {
    const { admin, clock, groupId, windowMs } = this.parts;
    const since = clock.now() - REWIND_WINDOWS * windowMs;
    const [[saved], recent] = await Promise.all([
      admin.fetchOffsets({ groupId, topics: [topic] }),
      admin.fetchTopicOffsetsByTimestamp(topic, since),
    ]);
    const of = (all: readonly { partition: number; offset: string }[] = []): number =>
      Number(all.find((each) => each.partition === partition)?.offset ?? 0);
    const heardTo = of(saved?.partitions);
    this.heardTo.set(`${topic}/${partition}`, heardTo);
    const offset = Math.max(Math.min(heardTo, of(recent)), 0);
    return { topic, partition, offset: String(offset) };
  }

  // One round late: what was handed on just now may not have reached the cache.
  private async commit(): Promise<void> {
    const offsets = this.settled;
    this.settled = [...this.read.values()];
    this.read = new Map();
    try {
      if (offsets.length > 0) await this.commits.commit(offsets);
    } catch (error) {
      this.parts.failed('commit peers', error);
    }
  }
}
