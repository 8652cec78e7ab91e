import type { Admin, Consumer, ConsumerGroupJoinEvent } from 'kafkajs';
import { type Clock, every, pause, type Timer } from '../runtime/clock';
import { KafkaCommits } from '../runtime/kafka-commits';
import { KafkaMembership } from '../runtime/kafka-membership';
import { isFinal, LikestreamError } from '../schemas/errors';
import type { KafkaPeers } from './kafka-peers';
import { KafkaPositions } from './kafka-positions';
import { LogFeed } from './log-feed';
import { LogRecognition } from './log-recognition';
import type { ConfirmEnd } from './loss-looks';
import { Offers } from './offers';
import { PeerFeed } from './peer-feed';
import { ReadProgress } from './read-progress';
import { lookingUpUntil, type PartitionOwner, type Position, type Source } from './source';

const RETRY_MS = 200;
const PARTITIONS_AT_ONCE = 8;
const COMMIT_AGAIN_MS = 5_000;

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
  /** A partition's end, as enough brokers confirm it. */
  readonly confirmEnd?: ConfirmEnd;
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
  private readonly logFeed: LogFeed;
  private readonly peerFeed: PeerFeed;
  private readonly membership: KafkaMembership;
  private owner: PartitionOwner | undefined;
  private stopping = false;
  private isSubscribed = false;
  private readonly progress = new ReadProgress();
  /** This member's id in the group; it changes when the member joins again. */
  private memberId: string | undefined;
  private commits: Timer | undefined;

  constructor(private readonly parts: KafkaSourceParts) {
    const { consumer } = parts;
    const changed = (isMember: boolean) => this.membershipChanged(isMember);
    this.positions = new KafkaPositions({ ...parts, commits: new KafkaCommits(consumer) });
    this.offers = new Offers(parts.clock);
    const { offers, owned, positions, progress } = this;
    const isFatal = (error: unknown) => this.isFatal(error);
    this.recognition = new LogRecognition({ ...parts, positions, next: progress.next, isFatal });
    const { recognition } = this;
    const feed = { ...parts, offers, owned, isFatal, owner: () => this.currentOwner };
    this.peerFeed = new PeerFeed(feed);
    const beginAgain = (partition: number) => this.beginAgain(partition);
    this.logFeed = new LogFeed({ ...feed, positions, progress, recognition, beginAgain });
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.rebalance(event));
    this.membership = new KafkaMembership({ ...parts, run: () => this.run(), changed });
  }

  async start(owner: PartitionOwner): Promise<void> {
    this.owner = owner;
    this.parts.peers?.start(owner);
    this.commits = every(this.parts.clock, COMMIT_AGAIN_MS, () => this.commitAgain());
    await this.membership.start();
  }

  /** Rejects unless this member is in the group, owns the partition, and Kafka took the commit. */
  async commit(partition: number, position: Position): Promise<void> {
    // Kafka checks that a member is of this generation, and not which partitions it owns.
    const taken = this.owned.get(partition);
    if (!taken) {
      throw new LikestreamError('log_unavailable', 'another member owns the partition');
    }
    if (!this.membership.isMember) {
      throw new LikestreamError('log_unavailable', 'this member is not in the consumer group');
    }
    await this.positions.commit(partition, position, this.isStillOwned(partition, taken));
  }

  verifyEnd(partition: number, known: number): Promise<number> {
    return this.positions.verifyEnd(partition, known);
  }

  async stop(): Promise<void> {
    const { consumer } = this.parts;
    this.stopping = true;
    this.commits?.cancel();
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
        payload.batch.topic === topic ? this.logFeed.hand(payload) : this.peerFeed.hand(payload),
    });
  }

  // While this member was out of the group, others may have changed its partitions.
  private membershipChanged(isMember: boolean): void {
    if (!isMember) for (const partition of [...this.owned.keys()]) this.letGo(partition);
    this.parts.membership?.(isMember);
  }

  /**
   * kafkajs repeats a commit after a rebalance, for a partition that its member has lost, and so may
   * set the group's position back. An owner without new records has nothing else to commit.
   */
  private async commitAgain(): Promise<void> {
    if (!this.membership.isMember) return;
    const commits = [...this.owned].map(([partition, taken]) =>
      this.positions.commitAgain(partition, this.isStillOwned(partition, taken)),
    );
    await Promise.all(commits).catch((error: unknown) => this.parts.failed('commit again', error));
  }

  private isStillOwned(partition: number, taken: Promise<void>): () => boolean {
    return () => this.owned.get(partition) === taken && this.membership.isMember;
  }

  private isFatal(error: unknown): error is LikestreamError {
    if (!isFinal(error)) return false;
    this.parts.fatal(error);
    return true;
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

  private beginAgain(partition: number): void {
    this.letGo(partition);
    this.begin(partition);
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
        const others = await peers?.load(partition, isOwned);
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
}
