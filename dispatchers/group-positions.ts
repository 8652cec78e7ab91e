import type { Admin, TopicPartitionOffsetAndMetadata } from 'kafkajs';
import { z } from 'zod';
import type { KafkaCommits } from '../runtime/kafka-commits';
import type { RecordMark } from './recent-records';
import type { Position } from './source';

const markSchema = z.object({ offset: z.int().nonnegative(), hash: z.string() });

/** The metadata that is committed with the offset `done`. */
const metadataSchema = z.object({
  from: z.int().nonnegative(),
  counted: z.int().nonnegative().optional(),
  logTime: z.number().optional(),
  lookUpUntil: z.number().optional(),
  mark: markSchema.optional(),
});

/** A position of one partition of a topic, and the mark of the last record before it. */
export interface MarkedPosition {
  readonly position: Position;
  readonly mark: RecordMark | undefined;
}

/** A position as the group has it. */
export interface SavedPosition extends MarkedPosition {
  /** Whether the group has ever committed one. */
  readonly isKnown: boolean;
}

export interface GroupPositionsParts {
  readonly admin: Pick<Admin, 'fetchOffsets'>;
  readonly commits: KafkaCommits;
  readonly groupId: string;
}

/** The positions that a consumer group has committed, in our log and in mirrored topics. */
export class GroupPositions {
  constructor(private readonly parts: GroupPositionsParts) {}

  /** The group's position; the beginning if it has none. */
  async load(topic: string, partition: number): Promise<SavedPosition> {
    const { admin, groupId } = this.parts;
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const saved = found?.partitions.find((each) => each.partition === partition);
    const offset = Number(saved?.offset ?? -1);
    const { mark, ...rest } = metadataIn(saved?.metadata);
    return { isKnown: offset >= 0, mark, position: { done: Math.max(offset, 0), ...rest } };
  }

  /**
   * Commits in one request, if `mayBeSent` returns true when it is made; rejects unless Kafka
   * accepted all of them.
   */
  commit(
    places: readonly TopicPartitionOffsetAndMetadata[],
    mayBeSent: () => boolean = () => true,
  ): Promise<void> {
    return this.parts.commits.commit(places, mayBeSent);
  }
}

/** A position in the form of a commit. */
export function placeOf(
  topic: string,
  partition: number,
  { mark, position: { done, ...rest } }: MarkedPosition,
): TopicPartitionOffsetAndMetadata {
  const metadata = JSON.stringify({ ...rest, mark });
  return { topic, partition, offset: String(done), metadata };
}

function metadataIn(text: string | null | undefined): z.infer<typeof metadataSchema> {
  return text ? metadataSchema.parse(JSON.parse(text)) : { from: 0 };
}
