import type { Client } from 'cassandra-driver';
import type { KafkaQuorum } from '../runtime/kafka-quorum';
import { type TopicLife, topicLives } from '../runtime/topic-metadata';
import { LikestreamError } from '../schemas/errors';

const RECORD = 'INSERT INTO logs (origin, topic, life, partitions) VALUES (?, ?, ?, ?)';
const RECORDED = 'SELECT topic, life, partitions FROM logs WHERE origin = ?';

/** What is known of the topics that an origin's versions are offsets in. */
export class LogLives {
  private recorded: readonly TopicLife[] = [];

  constructor(
    /** Datacenter and log generation, as in `dc1.1`. */
    private readonly origin: string,
    private readonly brokers: readonly string[],
    private readonly quorum: Pick<KafkaQuorum, 'topicLives'>,
  ) {}

  /**
   * Records the topics that this origin begins with, or compares with those that it began with.
   * Rejects with `log_mismatch` and a word on what to do; with others while one cannot be asked.
   */
  async settle(client: Client, topics: readonly string[]): Promise<void> {
    // An id that one broker alone knows may be of a topic that was deleted.
    const now = await this.quorum.topicLives(topics);
    // Most brokers may not know a new topic yet. Its id must be recorded before any append.
    if (now.length < topics.length) throw notThere();
    const { rows } = await client.execute(RECORDED, [this.origin], { prepare: true });
    const known = rows.map(toLife);
    for (const { topic, id, partitions } of now) {
      if (known.some((life) => life.topic === topic)) continue;
      await client.execute(RECORD, [this.origin, topic, id, partitions], { prepare: true });
    }
    this.recorded = now.map((life) => known.find(({ topic }) => topic === life.topic) ?? life);
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
    this.compare(await this.quorum.topicLives(topics));
  }

  private areRecorded(now: readonly TopicLife[]): boolean {
    return this.recorded.every((life) =>
      now.some(
        ({ id, partitions, topic }) =>
          life.topic === topic && life.id === id && life.partitions === partitions,
      ),
    );
  }

  private compare(now: readonly TopicLife[]): void {
    if (now.length < this.recorded.length) throw notThere();
    for (const { topic, id, partitions } of now) {
      const recorded = this.recorded.find((life) => life.topic === topic);
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

  private async ask(topics: readonly string[]): Promise<TopicLife[]> {
    let failure: unknown;
    for (const broker of this.brokers) {
      try {
        return await topicLives(broker, topics);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }
}

function notThere(): LikestreamError {
  return new LikestreamError('log_unavailable', 'a topic is not there');
}

function toLife(row: { get(name: string): unknown }): TopicLife {
  const [topic, id] = [String(row.get('topic')), String(row.get('life'))];
  return { topic, id, partitions: Number(row.get('partitions')) };
}
