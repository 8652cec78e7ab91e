import type { Admin, Consumer, ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { type Clock, pause } from '../runtime/clock';
import { withHeartbeats } from '../runtime/heartbeats';
import { KafkaCommits } from '../runtime/kafka-commits';
import { KafkaMembership } from '../runtime/kafka-membership';
import { LikestreamError } from '../schemas/errors';
import type { KafkaPeers } from './kafka-peers';
import { KafkaPositions } from './kafka-positions';
import { recordOf } from './kafka-record';
import { LogRecognition } from './log-recognition';
import { Offers } from './offers';
import { PeerFeed } from './peer-feed';
import { ReadProgress } from './read-progress';
import {
  type LogRecord,
  lookingUpUntil,
  type PartitionOwner,
  type Position,
  type Source,
} from './source';

const RETRY_MS = 200;
const PARTITIONS_AT_ONCE = 8;

export interface KafkaSourceParts {
  readonly consumer: Consumer;
  readonly admin: Admin;
  readonly groupId: string;
  readonly topic: string;
  readonly clock: Clock;
  /** The topics of other datacenters, if there are any. */
  readonly peers?: KafkaPeers | undefined;
  /** Rejects with `log_mismatch` when the topic is another one than it was. */
  readonly check?: () => Promise<void>;
  /** Called when this member has joined the group, and when it is no longer in it. */
  readonly membership?: (isMember: boolean) => void;
  /** Reports a failed step that is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Reports that the process must end. */
  readonly fatal: (error: Error) => void;
}

/** A member of the consumer group on Kafka. */
export class KafkaSource implements Source {
  /** Owned partitions, each with the promise that it is assigned and positioned. */
  private readonly owned = new Map<number, Promise<void>>();
  private readonly offers: Offers;
  private readonly positions: KafkaPositions;
  private readonly recognition: LogRecognition;
  private readonly peerFeed: PeerFeed;
  private readonly membership: KafkaMembership;
  private owner: PartitionOwner | undefined;
  private stopping = false;
  private isSubscribed = false;
  private readonly progress = new ReadProgress();
  /** This member's id in the group; it changes when the member joins again. */
  private memberId: string | undefined;

  constructor(private readonly parts: KafkaSourceParts) {
    const { consumer } = parts;
    const changed = (isMember: boolean) => this.membershipChanged(isMember);
    this.positions = new KafkaPositions({ ...parts, commits: new KafkaCommits(consumer) });
    this.offers = new Offers(parts.clock);
    const { offers, owned } = this;
    this.peerFeed = new PeerFeed({ ...parts, offers, owned, owner: () => this.currentOwner });
    this.recognition = new LogRecognition({
      ...{ ...parts, positions: this.positions, next: this.progress.next },
      isFatal: (error) => this.isFatal(error),
    });
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.rebalance(event));
    this.membership = new KafkaMembership({ ...parts, run: () => this.run(), changed });
  }

  async start(owner: PartitionOwner): Promise<void> {
    this.owner = owner;
    this.parts.peers?.start();
    await this.membership.start();
  }

  /** Rejects unless this member is in the group, owns the partition, and Kafka took the commit. */
  async commit(partition: number, position: Position): Promise<void> {
    // Kafka checks that a member is of this generation, and not which partitions it owns.
    if (!this.owned.has(partition)) {
      throw new LikestreamError('log_unavailable', 'another member owns the partition');
    }
    if (!this.membership.isMember) {
      throw new LikestreamError('log_unavailable', 'this member is not in the consumer group');
    }
    await this.positions.commit(partition, position);
  }

  async stop(): Promise<void> {
    const { consumer } = this.parts;
    this.stopping = true;
    this.offers.stop();
    this.recognition.stop();
    this.parts.peers?.stop();
    await Promise.all([...this.owned.keys()].map((partition) => this.owner?.revoked(partition)));
    this.owned.clear();
    this.membership.stop();
    await consumer.stop();
    await consumer.disconnect();
  }

  /** Records of owned partitions that were not read when their last ones were. */
  get lag(): number {
    return this.progress.lag;
  }

  /** The owner; undefined once this member is about to leave. */
  private get currentOwner(): PartitionOwner | undefined {
    return this.stopping ? undefined : this.owner;
  }

  private async run(): Promise<void> {
    const { consumer, peers, topic } = this.parts;
    await consumer.connect();
    if (!this.isSubscribed) {
      // The log has no default offset: one that is out of range crashes the consumer.
      await consumer.subscribe({ topics: [topic], fromBeginning: false });
      if (peers) await consumer.subscribe({ topics: [...peers.topics], fromBeginning: true });
      this.isSubscribed = true;
    }
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) =>
        payload.batch.topic === topic ? this.feed(payload) : this.peerFeed.hand(payload),
    });
  }

  // While this member was out of the group, others may have changed its partitions.
  private membershipChanged(isMember: boolean): void {
    if (!isMember) for (const partition of [...this.owned.keys()]) this.letGo(partition);
    this.parts.membership?.(isMember);
  }

  private isFatal(error: unknown): error is LikestreamError {
    const isFinal = error instanceof LikestreamError && !error.retriable;
    if (isFinal) this.parts.fatal(error);
    return isFinal;
  }

  private rebalance({ payload }: ConsumerGroupJoinEvent): void {
    const assigned = payload.memberAssignment[this.parts.topic] ?? [];
    // While this member was out of the group, others may have changed its partitions.
    const wasOut = this.memberId !== payload.memberId;
    this.memberId = payload.memberId;
    for (const partition of [...this.owned.keys()]) {
      if (wasOut || !assigned.includes(partition)) this.letGo(partition);
    }
    for (const partition of assigned) {
      if (!this.owned.has(partition)) this.begin(partition);
    }
  }

  private begin(partition: number): void {
    const taking = this.take(partition, () => this.owned.get(partition) === taking);
    this.owned.set(partition, taking);
  }

  private letGo(partition: number): void {
    this.owned.delete(partition);
    this.progress.release(partition);
    this.positions.release(partition);
    this.parts.peers?.letGo(partition);
    void this.owner?.revoked(partition);
  }

  private async take(partition: number, isOwned: () => boolean): Promise<void> {
    const { clock, consumer, failed, peers, topic } = this.parts;
    // The partition is recorded as owned before any request is made here.
    await Promise.resolve();
    while (!this.stopping && isOwned()) {
      try {
        const { assignment, readFrom } = await this.positions.load(partition);
        const others = await peers?.load(partition);
        if (!isOwned()) return;
        this.owner?.assigned(partition, lookingUpUntil(assignment, others?.lookUpUntil));
        this.progress.advance(partition, Math.max(assignment.from, readFrom));
        consumer.seek({ topic, partition, offset: String(readFrom) });
        for (const place of others?.places ?? []) consumer.seek(place);
        return;
      } catch (error) {
        if (this.isFatal(error)) {
          this.owned.delete(partition);
          return;
        }
        failed('position', error);
        await pause(clock, RETRY_MS);
      }
    }
  }

  private async feed(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, pause: hold, resolveOffset } = payload;
    const { partition } = batch;
    const taken = this.owned.get(partition);
    await taken;
    if (!(await this.recognition.isKnown)) return;
    const records = batch.messages.map(recordOf);
    const isCurrent = () => this.isCurrent(payload, taken);
    if (!isCurrent() || !this.isVerified(partition, records)) return;
    if (!(await this.follows(partition, records)) || !isCurrent()) return;
    this.progress.noteLag(batch);
    const unread = this.progress.unread(partition, records);
    try {
      await withHeartbeats(this.parts.clock, heartbeat, async () => {
        if (unread.length > 0) await this.owner?.records(partition, unread);
      });
      if (this.owned.get(partition) !== taken) return;
      const next = this.positions.read(partition, unread);
      if (next !== undefined) this.progress.advance(partition, next);
      resolveOffset(batch.lastOffset());
      await heartbeat();
    } catch {
      this.offers.again(hold());
    }
  }

  /** Whether a batch is to be read: its partition is owned, and no seek has replaced it. */
  private isCurrent({ batch, isStale }: EachBatchPayload, taken: Promise<void> | undefined) {
    const isOwned = taken !== undefined && this.owned.get(batch.partition) === taken;
    return isOwned && !this.stopping && !isStale();
  }

  private isVerified(partition: number, records: readonly LogRecord[]): boolean {
    try {
      this.positions.verify(partition, records);
      return true;
    } catch (error) {
      if (this.isFatal(error)) return false;
      throw error;
    }
  }

  /**
   * Whether these records follow the last one without a gap. After a gap, this member begins the
   * partition again, unless the missing records were deleted at the log's beginning.
   */
  private async follows(partition: number, records: readonly LogRecord[]): Promise<boolean> {
    if (records.length === 0) return false;
    const ends = () => this.positions.ends(partition);
    const gap = await this.progress.gapBefore(partition, records, ends);
    if (gap === undefined) return true;
    this.parts.failed('follow', new LikestreamError('log_unavailable', gap));
    this.letGo(partition);
    this.begin(partition);
    return false;
  }
}
