import type { Client } from 'cassandra-driver';
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
  ) {}

  /**
   * Records the topics that this origin begins with, or compares with those that it began with.
   * Rejects with `log_mismatch` and a word on what to do; with others while one cannot be asked.
   */
  async settle(client: Client, topics: readonly string[]): Promise<void> {
    const now = await this.ask(topics);
    const { rows } = await client.execute(RECORDED, [this.origin], { prepare: true });
    const known = rows.map(toLife);
    for (const { topic, id, partitions } of now) {
      if (known.some((life) => life.topic === topic)) continue;
      await client.execute(RECORD, [this.origin, topic, id, partitions], { prepare: true });
    }
    this.recorded = now.map((life) => known.find(({ topic }) => topic === life.topic) ?? life);
    this.compare(now);
  }

  /** Rejects with `log_mismatch` when a topic is another one now, and when Kafka cannot be asked. */
  async check(): Promise<void> {
    this.compare(await this.ask(this.recorded.map(({ topic }) => topic)));
  }

  private compare(now: readonly TopicLife[]): void {
    if (now.length < this.recorded.length) {
      throw new LikestreamError('log_unavailable', 'a topic is not there');
    }
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

function toLife(row: { get(name: string): unknown }): TopicLife {
  const [topic, id] = [String(row.get('topic')), String(row.get('life'))];
  return { topic, id, partitions: Number(row.get('partitions')) };
}
