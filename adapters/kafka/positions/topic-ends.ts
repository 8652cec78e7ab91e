import type { Admin } from 'kafkajs';
import { LikestreamError } from '../../../schemas/errors';
import type { LogEnds } from '../../shared/log-loss';

/** The first and the next offsets of topics, from Kafka. */
export class TopicEnds {
  constructor(private readonly admin: Pick<Admin, 'fetchTopicOffsets'>) {}

  /** The ends of one partition; rejects with `log_unavailable` if Kafka does not list it. */
  async of(topic: string, partition: number): Promise<LogEnds> {
    return ofPartition(topic, partition, await this.all(topic));
  }

  /** The ends of all partitions of a topic. */
  async all(topic: string): Promise<Map<number, LogEnds>> {
    const all = await this.admin.fetchTopicOffsets(topic);
    return new Map(
      all.map(({ high, low, partition }) => [partition, { low: Number(low), high: Number(high) }]),
    );
  }
}

/** The ends of one partition; throws `log_unavailable` if Kafka does not list it. */
export function ofPartition(
  topic: string,
  partition: number,
  all: ReadonlyMap<number, LogEnds>,
): LogEnds {
  const ends = all.get(partition);
  if (!ends) throw new LikestreamError('log_unavailable', `${topic} has no ${partition}`);
  return ends;
}
