import type { Admin } from 'kafkajs';

/** A partition's end, and the position that a consumer group has committed. */
export interface PartitionProgress {
  readonly partition: number;
  readonly low: number;
  readonly end: number;
  /** 0 if the group has no position. */
  readonly done: number;
  /** Whether the group has a position. */
  readonly isKnown: boolean;
}

/** The progress of a consumer group in each partition of a topic. */
export async function groupProgress(
  admin: Pick<Admin, 'fetchOffsets' | 'fetchTopicOffsets'>,
  groupId: string,
  topic: string,
): Promise<PartitionProgress[]> {
  // Positions are read before ends, so that none is beyond its end.
  const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const ends = await admin.fetchTopicOffsets(topic);
  return ends
    .map(({ high, low, partition }) => {
      const found = committed?.partitions.find((each) => each.partition === partition);
      const offset = Number(found?.offset ?? -1);
      const known = { done: Math.max(0, offset), isKnown: offset >= 0 };
      return { partition, low: Number(low), end: Number(high), ...known };
    })
    .sort((one, other) => one.partition - other.partition);
}

/** Records that a group has not read, stored and saved yet, up to `ends` if they are given. */
export function recordsLeft(
  progress: readonly PartitionProgress[],
  ends?: ReadonlyMap<number, number>,
): number {
  return progress.reduce((sum, { done, end, low, partition }) => {
    const upTo = Math.min(end, ends?.get(partition) ?? end);
    // An empty partition has no committed position.
    return sum + (upTo > low ? Math.max(0, upTo - done) : 0);
  }, 0);
}

/** The ends of partitions. */
export function endsOf(progress: readonly PartitionProgress[]): Map<number, number> {
  return new Map(progress.map(({ end, partition }) => [partition, end]));
}
