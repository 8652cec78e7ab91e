import type {
  Admin,
  Consumer,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  KafkaMessage,
} from 'kafkajs';
import { z } from 'zod';
import { type Clock, pause, type Timer } from '../runtime/clock';
import { asLikestreamError, LikestreamError } from '../schemas/errors';
import type { KafkaPeers } from './kafka-peers';
import type { LogRecord, PartitionOwner, Position, Source } from './source';

const RETRY_MS = 200;
const PARTITIONS_AT_ONCE = 8;

// A topic that is deleted fails its readers' fetches, after which they ask one of these. What they
// fetch then may be its successor's: the same offsets mean other records.
const AFTER_A_BREAK = ['Metadata', 'ListOffsets', 'JoinGroup'];

const committed = z.object({
  from: z.int().nonnegative(),
  logTime: z.number().optional(),
  lookUpUntil: z.number().optional(),
});

export interface KafkaSourceParts {
  readonly consumer: Consumer;
  readonly admin: Admin;
  readonly groupId: string;
  readonly topic: string;
  readonly clock: Clock;
  /** What other datacenters tell, where there are any. */
  readonly peers?: KafkaPeers | undefined;
  /** Rejects with `log_mismatch` when the topic is another one than it was. */
  readonly check?: () => Promise<void>;
  /** Told of what failed and is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** A member of the consumer group on Kafka. */
export class KafkaSource implements Source {
  /** Owned partitions, each with the promise that it has been told of and positioned. */
  private readonly owned = new Map<number, Promise<void>>();
  private readonly retries = new Set<Timer>();
  private owner: PartitionOwner | undefined;
  private stopping = false;
  /** Whether this member joined the group on the topic that it knows. */
  private isKnownTopic = Promise.resolve(true);
  /** By partition, the offset that its next record has. */
  private readonly next = new Map<number, number>();
  /** Who this member is to the group: another one after it had fallen out. */
  private memberId: string | undefined;
  /** By partition, records not read yet. */
  private readonly behind = new Map<number, number>();

  constructor(private readonly parts: KafkaSourceParts) {}

  async start(owner: PartitionOwner): Promise<void> {
    const { consumer, peers, topic } = this.parts;
    this.owner = owner;
    consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (AFTER_A_BREAK.includes(payload.apiName)) this.isKnownTopic = this.recognise();
    });
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.rebalance(event));
    await consumer.connect();
    await consumer.subscribe({ topics: [topic, ...(peers?.topics ?? [])], fromBeginning: true });
    peers?.start();
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) =>
        payload.batch.topic === topic ? this.feed(payload) : this.hand(payload),
    });
  }

  async commit(partition: number, { done, ...rest }: Position): Promise<void> {
    const { consumer, topic } = this.parts;
    // Kafka checks that a member is of this generation, and not which partitions it owns.
    if (!this.owned.has(partition)) {
      throw new LikestreamError('log_unavailable', 'another member owns the partition');
    }
    const metadata = JSON.stringify(rest);
    try {
      await consumer.commitOffsets([{ topic, partition, offset: String(done), metadata }]);
    } catch (error) {
      throw asLikestreamError(error, 'log_unavailable');
    }
  }

  async stop(): Promise<void> {
    const { consumer } = this.parts;
    this.stopping = true;
    for (const timer of this.retries) timer.cancel();
    this.parts.peers?.stop();
    await Promise.all([...this.owned.keys()].map((partition) => this.owner?.revoked(partition)));
    this.owned.clear();
    await consumer.stop();
    await consumer.disconnect();
  }

  /** Records of owned partitions that were not read when their last ones were. */
  get lag(): number {
    let all = 0;
    for (const records of this.behind.values()) all += records;
    return all;
  }

  private async recognise(): Promise<boolean> {
    while (!this.stopping) {
      try {
        await this.parts.check?.();
        return true;
      } catch (error) {
        this.parts.failed('recognise', error);
        if (error instanceof LikestreamError && !error.retriable) return false;
        await pause(this.parts.clock, RETRY_MS);
      }
    }
    return false;
  }

  private rebalance({ payload }: ConsumerGroupJoinEvent): void {
    const assigned = payload.memberAssignment[this.parts.topic] ?? [];
    // Whoever had fallen out of the group may find what it had owned by others meanwhile.
    const wasOut = this.memberId !== payload.memberId;
    this.memberId = payload.memberId;
    for (const partition of this.owned.keys()) {
      if (wasOut || !assigned.includes(partition)) this.letGo(partition);
    }
    for (const partition of assigned) {
      if (!this.owned.has(partition)) this.owned.set(partition, this.take(partition));
    }
  }

  private letGo(partition: number): void {
    this.owned.delete(partition);
    this.behind.delete(partition);
    this.next.delete(partition);
    this.parts.peers?.letGo(partition);
    void this.owner?.revoked(partition);
  }

  private async take(partition: number): Promise<void> {
    while (!this.stopping) {
      try {
        const { consumer, peers, topic } = this.parts;
        const position = await this.position(partition);
        const end = await this.end(partition, position);
        const others = (await peers?.positions(partition)) ?? [];
        this.owner?.assigned(partition, { ...position, end });
        this.next.set(partition, position.from);
        consumer.seek({ topic, partition, offset: String(position.from) });
        for (const place of others) consumer.seek(place);
        return;
      } catch (error) {
        this.parts.failed('position', error);
        await pause(this.parts.clock, RETRY_MS);
      }
    }
  }

  private async position(partition: number): Promise<Position> {
    const { admin, groupId, topic } = this.parts;
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const saved = found?.partitions.find((each) => each.partition === partition);
    const done = Math.max(Number(saved?.offset ?? 0), 0);
    const rest = saved?.metadata ? committed.parse(JSON.parse(saved.metadata)) : { from: 0 };
    return { done, ...rest };
  }

  private async end(partition: number, { from }: Position): Promise<number> {
    const ends = await this.parts.admin.fetchTopicOffsets(this.parts.topic);
    const { high, low } = ends.find((each) => each.partition === partition) ?? {};
    return Number(high) > Number(low) ? Number(high) : from;
  }

  private async feed({ batch, heartbeat, isStale, pause: hold, resolveOffset }: EachBatchPayload) {
    const { messages, partition } = batch;
    const last = messages.at(-1)?.offset;
    await this.owned.get(partition);
    if (!(await this.isKnownTopic)) return;
    if (!(await this.follows(partition, Number(messages[0]?.offset)))) return;
    this.behind.set(partition, Number(batch.highWatermark) - 1 - Number(last));
    if (this.stopping || isStale() || !this.owned.has(partition) || last === undefined) return;
    try {
      await this.owner?.records(partition, messages.map(toRecord));
      this.next.set(partition, Number(last) + 1);
      resolveOffset(last);
      await heartbeat();
    } catch {
      this.offerAgain(hold());
    }
  }

  /** Hands on what other datacenters tell. */
  private async hand({ batch, heartbeat, isStale, pause: hold, resolveOffset }: EachBatchPayload) {
    const { partition } = batch;
    await this.owned.get(partition);
    if (this.stopping || isStale() || !this.owned.has(partition)) return;
    try {
      await this.owner?.told(partition, this.parts.peers?.talesIn(batch) ?? []);
      this.parts.peers?.done(batch);
      resolveOffset(batch.lastOffset());
      await heartbeat();
    } catch (error) {
      // The owner says what was wrong with it; anything else is a mistake of ours.
      if (!(error instanceof LikestreamError)) this.parts.failed('hand on', error);
      this.offerAgain(hold());
    }
  }

  /**
   * Whether no record was left out before this one; if one was, the partition is taken anew. Where
   * old records were deleted, the log begins later than where it was to be read from.
   */
  private async follows(partition: number, offset: number): Promise<boolean> {
    const next = this.next.get(partition) ?? offset;
    if (offset <= next) return true;
    const { admin, failed, topic } = this.parts;
    const ends = await admin.fetchTopicOffsets(topic).catch(() => []);
    const low = ends.find((each) => each.partition === partition)?.low;
    if (low !== undefined && offset <= Number(low)) return true;
    failed('follow', new LikestreamError('log_unavailable', `${next} to ${offset} were left out`));
    this.letGo(partition);
    this.owned.set(partition, this.take(partition));
    return false;
  }

  // The owner says what is wrong. Waiting here would hold up the other partitions: kafkajs fetches
  // the next records when all of the last ones are done with.
  private offerAgain(resume: () => void): void {
    const timer = this.parts.clock.after(RETRY_MS, () => {
      this.retries.delete(timer);
      resume();
    });
    this.retries.add(timer);
  }
}

function toRecord({ key, offset, timestamp, value }: KafkaMessage): LogRecord {
  const appendedAt = Number(timestamp);
  return { offset: Number(offset), key: String(key), value: String(value), appendedAt };
}
