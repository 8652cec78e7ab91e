import type { Client } from 'cassandra-driver';
import { LikestreamError } from '../../../schemas/errors';
import type { KafkaQuorum } from './quorum';
import { type TopicId, topicIds } from './topic-metadata';

const RECORD = 'INSERT INTO logs (origin, topic, life, partitions) VALUES (?, ?, ?, ?)';
const RECORDED = 'SELECT topic, life, partitions FROM logs WHERE origin = ?';

/** What is known of the topics that an origin's versions are offsets in. */
export class LogIdentity {
  private recorded: readonly TopicId[] = [];

  constructor(
    /** Datacenter and log generation, as in `dc1.1`. */
    private readonly origin: string,
    private readonly brokers: readonly string[],
    private readonly quorum: Pick<KafkaQuorum, 'topicIds'>,
  ) {}

  /**
   * Records the topics that this origin begins with, or compares with those that it began with.
   * Rejects with `log_mismatch` and a word on what to do; with others while one cannot be asked.
   */
  async verify(client: Client, topics: readonly string[]): Promise<void> {
    // An id that one broker alone knows may be of a topic that was deleted.
    const now = await this.quorum.topicIds(topics);
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
   * Rejects with `log_mismatch` if a topic is another one now, as most brokers know it, and with
   * others while Kafka cannot be asked.
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
    if (now.length < this.recorded.length) {
      throw new LikestreamError('log_unavailable', 'a topic is not there');
    }
    for (const { topic, id, partitions } of now) {
      const recorded = this.recorded.find((each) => each.topic === topic);
      if (recorded?.id === id && recorded.partitions === partitions) continue;
      throw new LikestreamError(
        'log_mismatch',
        `${topic} is not the topic that ${this.origin} began with (${recorded?.id} with ` +
          `${recorded?.partitions} partitions, now ${id} with ${partitions}). Counted likes are ` +
          'kept. To continue with a new log: stop all producers and dispatchers, run ' +
          '`npm run recount -- --log-lost`, and set LOG_GENERATION one higher for every process',
      );
    }
  }

  private async ask(topics: readonly string[]): Promise<TopicId[]> {
    let failure: unknown;
    for (const broker of this.brokers) {
      try {
        return await topicIds(broker, topics);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}

function toTopicId(row: { get(name: string): unknown }): TopicId {
  const [topic, id] = [String(row.get('topic')), String(row.get('life'))];
  return { topic, id, partitions: Number(row.get('partitions')) };
}
