import type { Admin, TopicPartitionOffsetAndMetadata } from 'kafkajs';
import { z } from 'zod';
import type { Position } from '../../../schemas/position';
import type { RecordMark } from '../../shared/recent-records';
import type { KafkaCommits } from './commits';
import { JoinedRequest } from './joined-request';

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

/** The committed position of a partition. */
export interface SavedPosition extends MarkedPosition {
  /** Whether the group has ever committed one. */
  readonly isKnown: boolean;
}

export interface GroupPositionsOptions {
  readonly admin: Pick<Admin, 'fetchOffsets'>;
  readonly commits: KafkaCommits;
  readonly groupId: string;
}

/**
 * The committed positions of a consumer group, in our log and in mirrored topics. Partitions that
 * are loaded at the same time share one request.
 */
export class GroupPositions {
  private readonly loads: JoinedRequest<string, Awaited<ReturnType<Admin['fetchOffsets']>>>;

  constructor(private readonly options: GroupPositionsOptions) {
    const { admin, groupId } = options;
    this.loads = new JoinedRequest((topics) =>
      admin.fetchOffsets({ groupId, topics: [...topics] }),
    );
  }

  /** The group's position; the beginning if it has none. */
  async load(topic: string, partition: number): Promise<SavedPosition> {
    const found = (await this.loads.get(topic)).find((each) => each.topic === topic);
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
    return this.options.commits.commit(places, mayBeSent);
  }
}

/** A position in the form of kafkajs's commits. */
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
