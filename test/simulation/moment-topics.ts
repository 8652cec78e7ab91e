import type { Clock } from '../../runtime/clock';
import { PARTITIONS } from '../../schemas/partitions';

export interface MomentEntry {
  readonly key: string;
  readonly partition: number;
  readonly value: string;
}

export interface MomentRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  /** The time of the append, ms since the epoch. */
  readonly appendedAt: number;
}

/** The topics of moments of one datacenter, in memory, in place of Kafka's. */
export class MomentTopics {
  /** Grows with each append. */
  revision = 0;
  private readonly topics = new Map<string, readonly MomentRecord[][]>();
  private readonly committed = new Map<string, number>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  async append(topic: string, entries: readonly MomentEntry[]): Promise<void> {
    this.revision += 1;
    const appendedAt = this.clock.now();
    for (const { key, partition, value } of entries) {
      const records = this.partitionOf(topic, partition);
      records.push({ offset: records.length, key, value, appendedAt });
    }
  }

  /** At most `limit` records of a partition from an offset on. */
  read(topic: string, partition: number, from: number, limit: number): readonly MomentRecord[] {
    return this.partitionOf(topic, partition).slice(from, from + limit);
  }

  /** The offset after the last record. */
  end(topic: string, partition: number): number {
    return this.partitionOf(topic, partition).length;
  }

  /** Where a member of the group begins: at what was committed, or else at the end. */
  firstOf(topic: string, partition: number): number {
    return this.committed.get(`${topic}/${partition}`) ?? this.end(topic, partition);
  }

  /** Commits the next offsets, by topic and partition (`TOPIC/PARTITION`). */
  commit(next: ReadonlyMap<string, number>): void {
    for (const [name, offset] of next) this.committed.set(name, offset);
  }

  private partitionOf(topic: string, partition: number): MomentRecord[] {
    let partitions = this.topics.get(topic);
    if (!partitions) {
      partitions = Array.from({ length: PARTITIONS }, () => []);
      this.topics.set(topic, partitions);
    }
    return partitions[partition] ?? [];
  }
}
