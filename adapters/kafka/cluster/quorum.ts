import { LikestreamError } from '../../../schemas/errors';
import type { KafkaSecurity } from '../client/security';
import { logEndAt } from './log-end-request';
import {
  type ClusterView,
  clusterView,
  type PartitionView,
  type TopicId,
  topicIdOf,
} from './topic-metadata';

/** From this number on, `min.insync.replicas` is 2: two replicas have each acknowledged record. */
const REPLICAS_WITH_TWO_IN_SYNC = 3;

/**
 * Facts on which enough brokers of a cluster agree. A single broker may be wrong: if it is cut off
 * from the others, it answers with the topics, leaders and ends of an earlier time.
 */
export class KafkaQuorum {
  constructor(
    /** The brokers of the settings, `host:port`. */
    private readonly brokers: readonly string[],
    private readonly security?: KafkaSecurity,
  ) {}

  /**
   * The ids of topics on which most brokers agree; topics that most brokers lack are left out.
   * Rejects with `log_unavailable` if there is no majority.
   */
  async topicIds(topics: readonly string[]): Promise<TopicId[]> {
    const { size, views } = await this.views(topics);
    const ids = topics.map((topic) => {
      const votes = [...views.values()].map((view) => {
        const found = view.topics.find((each) => each.topic === topic);
        return found && topicIdOf(found);
      });
      return agreedOn(topic, votes, size);
    });
    return ids.filter((topicId) => topicId !== undefined);
  }

  /**
   * Asks the partition's leader for the offset after its last record. A broker that is cut off may
   * name an old leader. So all brokers are asked for the leader, and the answer with the greatest
   * epoch is used. Of three or more replicas, all but one must answer, because two of them have
   * each acknowledged record. Of one or two, all must answer, because a record may be on only one.
   * Rejects with `log_unavailable` if too few answer or if there is no leader.
   */
  async end(topic: string, partition: number): Promise<number> {
    const { addresses, views } = await this.views([topic]);
    const known = viewsOf(views, topic, partition);
    const name = `${topic}/${partition}`;
    const newest = newestOf([...known.values()]);
    if (!newest) throw endUnknown(`no broker that answers has ${name}`);
    const { epoch, leader, replicas } = newest;
    const answered = replicas.filter((broker) => known.has(broker)).length;
    const needed = neededOf(replicas.length);
    if (answered < needed) {
      const count = `${answered} of ${replicas.length} replicas of ${name} answer`;
      throw endUnknown(`${count}, ${needed} must`);
    }
    const address = addresses.get(leader);
    if (!address) throw endUnknown(`${name} has no leader`);
    return logEndAt(address, { topic, partition, epoch }, this.security);
  }

  /** The views of all brokers that answer at the addresses that they advertise, by id. */
  private async views(topics: readonly string[]) {
    const ask = (broker: string) => clusterView(broker, topics, this.security);
    const first = await all(this.brokers, ask);
    const addresses = new Map(first.flatMap((view) => [...view.brokers]));
    if (addresses.size === 0) throw new LikestreamError('log_unavailable', 'no broker answers');
    const views = new Map<number, ClusterView>();
    await all([...addresses], async ([id, broker]) => {
      views.set(id, await ask(broker));
    });
    return { addresses, views, size: addresses.size };
  }
}

/** A partition in the views of the brokers that have it, by broker. */
function viewsOf(
  views: ReadonlyMap<number, ClusterView>,
  topic: string,
  partition: number,
): Map<number, PartitionView> {
  const known = new Map<number, PartitionView>();
  for (const [broker, { topics }] of views) {
    const partitions = topics.find((each) => each.topic === topic)?.partitions ?? [];
    const found = partitions.find((each) => each.partition === partition);
    if (found) known.set(broker, found);
  }
  return known;
}

/** The view with the greatest leader epoch. */
function newestOf(views: readonly PartitionView[]): PartitionView | undefined {
  return views.reduce<PartitionView | undefined>(
    (best, each) => (best && best.epoch >= each.epoch ? best : each),
    undefined,
  );
}

function endUnknown(reason: string): LikestreamError {
  return new LikestreamError('log_unavailable', `the log's end is not certain: ${reason}`);
}

function neededOf(replicas: number): number {
  return replicas < REPLICAS_WITH_TWO_IN_SYNC ? Math.max(replicas, 1) : replicas - 1;
}

function agreedOn(topic: string, votes: readonly (TopicId | undefined)[], brokers: number) {
  const counts = new Map<string, { votes: number; topicId: TopicId | undefined }>();
  for (const topicId of votes) {
    const name = topicId ? `${topicId.id}/${topicId.partitions}` : '';
    counts.set(name, { topicId, votes: (counts.get(name)?.votes ?? 0) + 1 });
  }
  const winner = [...counts.values()].find((each) => 2 * each.votes > brokers);
  if (winner) return winner.topicId;
  const count = `${votes.length} of ${brokers} brokers answer for topic ${topic}`;
  const disagreement = 2 * votes.length > brokers ? ', but their answers differ' : '';
  throw new LikestreamError('log_unavailable', `no majority: ${count}${disagreement}`);
}

/** The results of the calls that succeed. */
async function all<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const settled = await Promise.allSettled(items.map(each));
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
