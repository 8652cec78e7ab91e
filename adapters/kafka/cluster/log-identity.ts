import type { Client } from 'cassandra-driver';
import { LikestreamError } from '../../../schemas/errors';
import type { KafkaSecurity } from '../client/security';
import type { KafkaQuorum } from './quorum';
import { type TopicId, topicIds } from './topic-metadata';

const RECORD = 'INSERT INTO logs (origin, topic, topic_id, partitions) VALUES (?, ?, ?, ?)';
const RECORDED = 'SELECT topic, topic_id, partitions FROM logs WHERE origin = ?';

/** The ids of the topics whose offsets an origin's versions are. */
export class LogIdentity {
  private recorded: readonly TopicId[] = [];

  constructor(
    /** Datacenter and log generation, as in `dc1.1`. */
    private readonly origin: string,
    private readonly brokers: readonly string[],
    private readonly quorum: Pick<KafkaQuorum, 'topicIds'>,
    private readonly security?: KafkaSecurity,
  ) {}

  /**
   * Records the topics' ids when this origin begins; later compares them with the recorded ones.
   * Rejects with `log_mismatch` and advice if they differ, and with other errors while Kafka or
   * Cassandra is unavailable.
   */
  async verify(client: Client, topics: readonly string[]): Promise<void> {
    // A single broker may answer with the id of a deleted topic, so most brokers must agree.
    const now = await this.quorum.topicIds(topics);
    // Most brokers may not list a new topic yet. Its id must be recorded before any append.
    if (now.length < topics.length) throw missingTopic();
    const { rows } = await client.execute(RECORDED, [this.origin], { prepare: true });
    const known = rows.map(toTopicId);
    for (const { topic, id, partitions } of now) {
      if (known.some((each) => each.topic === topic)) continue;
      await client.execute(RECORD, [this.origin, topic, id, partitions], { prepare: true });
    }
    this.recorded = now.map((each) => known.find(({ topic }) => topic === each.topic) ?? each);
    this.compare(now);
  }

  /**
   * Rejects with `log_mismatch` if most brokers have another topic of this name now, and with other
   * errors while Kafka is unavailable.
   */
  async check(): Promise<void> {
    const topics = this.recorded.map(({ topic }) => topic);
    const now = await this.ask(topics);
    if (this.areRecorded(now)) return;
    this.compare(await this.quorum.topicIds(topics));
  }

  private areRecorded(now: readonly TopicId[]): boolean {
    return this.recorded.every((each) =>
      now.some(
        ({ id, partitions, topic }) =>
          each.topic === topic && each.id === id && each.partitions === partitions,
      ),
    );
  }

  private compare(now: readonly TopicId[]): void {
    if (now.length < this.recorded.length) throw missingTopic();
    for (const { topic, id, partitions } of now) {
      const recorded = this.recorded.find((each) => each.topic === topic);
      if (recorded?.id === id && recorded.partitions === partitions) continue;
      throw new LikestreamError(
        'log_mismatch',
        `${topic} is not the topic that ${this.origin} began with (${recorded?.id} with ` +
          `${recorded?.partitions} partitions, now ${id} with ${partitions}). Counted entries ` +
          'are kept. To continue with a new log: stop all producers and dispatchers, run ' +
          '`npm run recount -- --log-lost`, and set LOG_GENERATION one higher for every process',
      );
    }
  }

  private async ask(topics: readonly string[]): Promise<TopicId[]> {
    let failure: unknown;
    for (const broker of this.brokers) {
      try {
        return await topicIds(broker, topics, this.security);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}

function missingTopic(): LikestreamError {
  return new LikestreamError('log_unavailable', 'a topic is missing');
}

function toTopicId(row: { get(name: string): unknown }): TopicId {
  const [topic, id] = [String(row.get('topic')), String(row.get('topic_id'))];
  return { topic, id, partitions: Number(row.get('partitions')) };
}
