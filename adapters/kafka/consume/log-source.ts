import type { Admin, Consumer } from 'kafkajs';
import { type Clock, every, type Timer } from '../../../runtime/clock';
import { isFinal, LikestreamError } from '../../../schemas/errors';
import type { Position } from '../../../schemas/position';
import type { LogConsumer, LogSource } from '../../log-source';
import { PeerFeed } from '../peers/peer-feed';
import type { PeerTopics } from '../peers/peer-topics';
import { KafkaCommits } from '../positions/commits';
import type { ConfirmEnd } from '../positions/loss-checks';
import { KafkaPositions } from '../positions/positions';
import { Assignments } from './assignments';
import { LogFeed } from './log-feed';
import { LogVerification } from './log-verification';
import { KafkaMembership } from './membership';
import { PausedPartitions } from './paused-partitions';
import { ReadProgress } from './read-progress';

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
  private readonly assignments: Assignments;
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
  private commits: Timer | undefined;

  constructor(private readonly options: KafkaLogSourceOptions) {
    const { consumer } = options;
    const changed = (isMember: boolean) => this.membershipChanged(isMember);
    this.positions = new KafkaPositions({ ...options, commits: new KafkaCommits(consumer) });
    this.pausedPartitions = new PausedPartitions(options.clock);
    const { pausedPartitions, positions, progress } = this;
    const isFatal = (error: unknown) => this.isFatal(error);
    const owner = () => this.currentOwner;
    this.assignments = new Assignments({ ...options, positions, progress, isFatal, owner });
    const { owned } = this.assignments;
    this.verification = new LogVerification({
      ...options,
      positions,
      next: progress.next,
      isFatal,
    });
    const { verification } = this;
    const feedOptions = { ...options, pausedPartitions, owned, isFatal, owner };
    this.peerFeed = new PeerFeed(feedOptions);
    const restartPartition = (partition: number) => this.assignments.restart(partition);
    this.logFeed = new LogFeed({
      ...feedOptions,
      positions,
      progress,
      verification,
      restartPartition,
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.assignments.rebalance(payload));
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
    const assigned = this.assignments.owned.get(partition);
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
    await this.assignments.end(this.owner);
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
    if (!isMember) this.assignments.releaseAll();
    this.options.membership?.(isMember);
  }

  /**
   * kafkajs may repeat a commit after a rebalance, for a partition that its member has lost, and so
   * set the group's position back. An owner without new records makes no other commit.
   */
  private async commitAgain(): Promise<void> {
    if (!this.membership.isMember) return;
    const commits = [...this.assignments.owned].map(([partition, assigned]) =>
      this.positions.commitAgain(partition, this.isStillOwned(partition, assigned)),
    );
    await Promise.all(commits).catch((error: unknown) =>
      this.options.failed('commit again', error),
    );
  }

  private isStillOwned(partition: number, assigned: Promise<void>): () => boolean {
    return () => this.assignments.owned.get(partition) === assigned && this.membership.isMember;
  }

  private isFatal(error: unknown): error is LikestreamError {
    if (!isFinal(error)) return false;
    this.options.fatal(error);
    return true;
  }
}
