import type { Admin, Consumer, ConsumerGroupJoinEvent } from 'kafkajs';
import { type Clock, every, pause, type Timer } from '../../../runtime/clock';
import { isFinal, LikestreamError } from '../../../schemas/errors';
import { lookingUpUntil, type Position } from '../../../schemas/position';
import type { LogConsumer, LogSource } from '../../log-source';
import { PeerFeed } from '../peers/peer-feed';
import type { PeerTopics } from '../peers/peer-topics';
import { KafkaCommits } from '../positions/commits';
import type { ConfirmEnd } from '../positions/loss-checks';
import { KafkaPositions } from '../positions/positions';
import { LogFeed } from './log-feed';
import { LogVerification } from './log-verification';
import { KafkaMembership } from './membership';
import { PausedPartitions } from './paused-partitions';
import { ReadProgress } from './read-progress';

const RETRY_MS = 200;
const PARTITIONS_AT_ONCE = 8;
const COMMIT_AGAIN_MS = 5_000;

export interface KafkaLogSourceOptions {
  readonly consumer: Consumer;
  readonly admin: Admin;
  readonly groupId: string;
  readonly topic: string;
  readonly clock: Clock;
  /** The topics of other datacenters, if there are any. */
  readonly peers?: PeerTopics | undefined;
  /** Rejects with `log_mismatch` if the topic was replaced by another one of the same name. */
  readonly check?: () => Promise<void>;
  /** A partition's end, confirmed by enough brokers. */
  readonly confirmEnd?: ConfirmEnd;
  /** Called when this member has joined the group, and when it is no longer in it. */
  readonly membership?: (isMember: boolean) => void;
  /** Reports a failed step that is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Reports that the process must end. */
  readonly fatal: (error: Error) => void;
}

/** A member of the consumer group on Kafka. */
export class KafkaLogSource implements LogSource {
  /** Owned partitions, each with the promise that it is assigned and positioned. */
  private readonly owned = new Map<number, Promise<void>>();
  private readonly pausedPartitions: PausedPartitions;
  private readonly positions: KafkaPositions;
  private readonly verification: LogVerification;
  private readonly logFeed: LogFeed;
  private readonly peerFeed: PeerFeed;
  private readonly membership: KafkaMembership;
  private owner: LogConsumer | undefined;
  private stopping = false;
  private isSubscribed = false;
  private readonly progress = new ReadProgress();
  /** This member's id in the group; it changes when the member joins again. */
  private memberId: string | undefined;
  private commits: Timer | undefined;

  constructor(private readonly options: KafkaLogSourceOptions) {
    const { consumer } = options;
    const changed = (isMember: boolean) => this.membershipChanged(isMember);
    this.positions = new KafkaPositions({ ...options, commits: new KafkaCommits(consumer) });
    this.pausedPartitions = new PausedPartitions(options.clock);
    const { pausedPartitions, owned, positions, progress } = this;
    const isFatal = (error: unknown) => this.isFatal(error);
    this.verification = new LogVerification({
      ...options,
      positions,
      next: progress.next,
      isFatal,
    });
    const { verification } = this;
    const feedOptions = {
      ...options,
      pausedPartitions,
      owned,
      isFatal,
      owner: () => this.currentOwner,
    };
    this.peerFeed = new PeerFeed(feedOptions);
    const restartPartition = (partition: number) => this.restartPartition(partition);
    this.logFeed = new LogFeed({
      ...feedOptions,
      positions,
      progress,
      verification,
      restartPartition,
    });
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.rebalance(event));
    this.membership = new KafkaMembership({ ...options, run: () => this.run(), changed });
  }

  async start(owner: LogConsumer): Promise<void> {
    this.owner = owner;
    this.options.peers?.start(owner);
    this.commits = every(this.options.clock, COMMIT_AGAIN_MS, () => this.commitAgain());
    await this.membership.start();
  }

  /** Rejects unless this member is in the group, owns the partition, and Kafka took the commit. */
  async commit(partition: number, position: Position): Promise<void> {
    // Kafka checks that a member is of this generation, and not which partitions it owns.
    const assigned = this.owned.get(partition);
    if (!assigned) {
      throw new LikestreamError('log_unavailable', 'another member owns the partition');
    }
    if (!this.membership.isMember) {
      throw new LikestreamError('log_unavailable', 'this member is not in the consumer group');
    }
    await this.positions.commit(partition, position, this.isStillOwned(partition, assigned));
  }

  verifyEnd(partition: number, known: number): Promise<number> {
    return this.positions.verifyEnd(partition, known);
  }

  async stop(): Promise<void> {
    const { consumer } = this.options;
    this.stopping = true;
    this.commits?.cancel();
    this.pausedPartitions.stop();
    this.verification.stop();
    this.options.peers?.stop();
    await Promise.all([...this.owned.keys()].map((partition) => this.owner?.revoked(partition)));
    this.owned.clear();
    this.membership.stop();
    await consumer.stop();
    await consumer.disconnect();
  }

  /** Records of owned partitions that were unread when each partition's last batch arrived. */
  get lag(): number {
    return this.progress.lag;
  }

  /** The owner; undefined once this member is about to leave. */
  private get currentOwner(): LogConsumer | undefined {
    return this.stopping ? undefined : this.owner;
  }

  private async run(): Promise<void> {
    const { consumer, peers, topic } = this.options;
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
        payload.batch.topic === topic
          ? this.logFeed.consumeLogBatch(payload)
          : this.peerFeed.consumePeerBatch(payload),
    });
  }

  // While this member was out of the group, others may have changed its partitions.
  private membershipChanged(isMember: boolean): void {
    if (!isMember) for (const partition of [...this.owned.keys()]) this.release(partition);
    this.options.membership?.(isMember);
  }

  /**
   * kafkajs may repeat a commit after a rebalance, for a partition that its member has lost, and so
   * set the group's position back. An owner without new records makes no other commit.
   */
  private async commitAgain(): Promise<void> {
    if (!this.membership.isMember) return;
    const commits = [...this.owned].map(([partition, assigned]) =>
      this.positions.commitAgain(partition, this.isStillOwned(partition, assigned)),
    );
    await Promise.all(commits).catch((error: unknown) =>
      this.options.failed('commit again', error),
    );
  }

  private isStillOwned(partition: number, assigned: Promise<void>): () => boolean {
    return () => this.owned.get(partition) === assigned && this.membership.isMember;
  }

  private isFatal(error: unknown): error is LikestreamError {
    if (!isFinal(error)) return false;
    this.options.fatal(error);
    return true;
  }

  private rebalance({ payload }: ConsumerGroupJoinEvent): void {
    const assigned = payload.memberAssignment[this.options.topic] ?? [];
    // While this member was out of the group, others may have changed its partitions.
    const wasOut = this.memberId !== payload.memberId;
    this.memberId = payload.memberId;
    for (const partition of [...this.owned.keys()]) {
      if (wasOut || !assigned.includes(partition)) this.release(partition);
    }
    for (const partition of assigned) {
      if (!this.owned.has(partition)) this.startPartition(partition);
    }
  }

  private startPartition(partition: number): void {
    const assigning = this.assign(partition, () => this.owned.get(partition) === assigning);
    this.owned.set(partition, assigning);
  }

  private restartPartition(partition: number): void {
    this.release(partition);
    this.startPartition(partition);
  }

  private release(partition: number): void {
    this.owned.delete(partition);
    this.progress.release(partition);
    this.positions.release(partition);
    this.options.peers?.release(partition);
    void this.owner?.revoked(partition);
  }

  private async assign(partition: number, isOwned: () => boolean): Promise<void> {
    const { clock, consumer, failed, peers, topic } = this.options;
    // The partition is recorded as owned before any request is made here.
    await Promise.resolve();
    while (!this.stopping && isOwned()) {
      try {
        const { assignment, readFrom } = await this.positions.load(partition);
        const peerStart = await peers?.load(partition, isOwned);
        if (!isOwned()) return;
        this.owner?.assigned(partition, lookingUpUntil(assignment, peerStart?.lookUpUntil));
        this.progress.advance(partition, Math.max(assignment.from, readFrom));
        consumer.seek({ topic, partition, offset: String(readFrom) });
        for (const place of peerStart?.places ?? []) consumer.seek(place);
        return;
      } catch (error) {
        if (this.isFatal(error)) {
          this.owned.delete(partition);
          return;
        }
        failed('load the position', error);
        await pause(clock, RETRY_MS);
      }
    }
  }
}
