import type { Admin } from 'kafkajs';
import { LikestreamError } from '../../../schemas/errors';
import type { LogEnds } from '../../shared/log-loss';
import { JoinedRequest } from './joined-request';

type Ends = ReadonlyMap<number, LogEnds>;

/** The first and the next offsets of topics, from Kafka; calls at the same time share a request. */
export class TopicEnds {
  private readonly requests = new Map<string, JoinedRequest<string, Ends>>();

  constructor(private readonly admin: Pick<Admin, 'fetchTopicOffsets'>) {}

  /** The ends of one partition; rejects with `log_unavailable` if Kafka does not list it. */
  async of(topic: string, partition: number): Promise<LogEnds> {
    return ofPartition(topic, partition, await this.all(topic));
  }

  /** The ends of all partitions of a topic. */
  all(topic: string): Promise<Ends> {
    const request = this.requests.get(topic) ?? new JoinedRequest(() => this.read(topic));
    this.requests.set(topic, request);
    return request.get(topic);
  }

  private async read(topic: string): Promise<Ends> {
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
