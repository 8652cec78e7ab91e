import { LikestreamError } from '../../../schemas/errors';
import { logEndAt } from './log-end-request';
import { type ClusterView, clusterView, type TopicId, topicIdOf } from './topic-metadata';

/** From this number of replicas on, two of them have each acknowledged record. */
const REPLICAS_WITH_TWO_IN_SYNC = 3;

/**
 * Facts on which enough brokers of a cluster agree. A single broker may be wrong: if it is cut off
 * from the others, it answers with the topics, leaders and ends of an earlier time.
 */
export class KafkaQuorum {
  constructor(
    /** The brokers of the settings, `host:port`. */
    private readonly brokers: readonly string[],
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
   * The offset after the last record of a partition, from its leader. With three or more replicas,
   * each acknowledged record is on two of them. So all replicas but one must answer which broker is
   * the leader: at least one of them has the newest leader. Rejects with `log_unavailable` if too
   * few answer.
   */
  async end(topic: string, partition: number): Promise<number> {
    const { addresses, views } = await this.views([topic]);
    const known = [...views].flatMap(([broker, view]) => {
      const partitions = view.topics.find((each) => each.topic === topic)?.partitions ?? [];
      const found = partitions.find((each) => each.partition === partition);
      return found ? [{ broker, ...found }] : [];
    });
    const newest = known.reduce<(typeof known)[number] | undefined>(
      (best, each) => (best && best.epoch >= each.epoch ? best : each),
      undefined,
    );
    const replicas = newest?.replicas ?? [];
    const answered = known.filter(({ broker }) => replicas.includes(broker)).length;
    const leader = addresses.get(newest?.leader ?? -1);
    if (!newest || !leader || answered < neededOf(replicas.length)) {
      const detail = `${answered} of ${replicas.length} replicas of ${topic}/${partition} answer`;
      throw new LikestreamError('log_unavailable', `the log's end is not certain: ${detail}`);
    }
    return logEndAt(leader, { topic, partition, epoch: newest.epoch });
  }

  /** The views of all brokers that answer at the addresses that they advertise, by id. */
  private async views(topics: readonly string[]) {
    const first = await all(this.brokers, (broker) => clusterView(broker, topics));
    const addresses = new Map(first.flatMap((view) => [...view.brokers]));
    if (addresses.size === 0) throw new LikestreamError('log_unavailable', 'no broker answers');
    const views = new Map<number, ClusterView>();
    await all([...addresses], async ([id, broker]) => {
      views.set(id, await clusterView(broker, topics));
    });
    return { addresses, views, size: addresses.size };
  }
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
  const text = `${votes.length} of ${brokers} brokers answer, and most do not agree on ${topic}`;
  throw new LikestreamError('log_unavailable', text);
}

/** The results of the calls that succeed. */
async function all<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const settled = await Promise.allSettled(items.map(each));
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
