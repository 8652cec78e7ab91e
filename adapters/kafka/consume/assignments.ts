import type { Consumer, ConsumerGroupJoinEvent } from 'kafkajs';
import { type Clock, pause } from '../../../runtime/clock';
import { lookingUpUntil } from '../../../schemas/position';
import type { LogConsumer } from '../../log-source';
import type { PeerTopics } from '../peers/peer-topics';
import type { KafkaPositions } from '../positions/positions';
import type { ReadProgress } from './read-progress';

const RETRY_MS = 200;

export interface AssignmentsOptions {
  readonly consumer: Pick<Consumer, 'seek'>;
  readonly topic: string;
  readonly positions: KafkaPositions;
  readonly progress: ReadProgress;
  readonly peers?: PeerTopics | undefined;
  readonly clock: Clock;
  /** The owner of this member's partitions; undefined once the member is about to leave. */
  readonly owner: () => LogConsumer | undefined;
  /** Whether the process must end because of this error, which is then reported. */
  readonly isFatal: (error: unknown) => boolean;
  /** Reports a failed step that is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** The partitions of the log that this member owns. */
export class Assignments {
  /** Each with the promise that it is assigned and positioned. */
  private readonly all = new Map<number, Promise<void>>();
  /** This member's id in the group; it changes when the member joins again. */
  private memberId: string | undefined;

  constructor(private readonly options: AssignmentsOptions) {}

  /** Owned partitions, each with the promise that it is assigned and positioned. */
  get owned(): ReadonlyMap<number, Promise<void>> {
    return this.all;
  }

  /** Releases the partitions that another member owns now, and starts the new ones. */
  rebalance({ memberAssignment, memberId }: ConsumerGroupJoinEvent['payload']): void {
    const assigned = memberAssignment[this.options.topic] ?? [];
    // While this member was out of the group, others may have changed its partitions.
    const wasOut = this.memberId !== memberId;
    this.memberId = memberId;
    for (const partition of [...this.all.keys()]) {
      if (wasOut || !assigned.includes(partition)) this.release(partition);
    }
    for (const partition of assigned) {
      if (this.all.has(partition)) this.readOn(partition);
      else this.start(partition);
    }
  }

  /** Starts a partition again from its committed position. */
  restart(partition: number): void {
    this.release(partition);
    this.start(partition);
  }

  /** Releases all partitions: this member is no longer in the group. */
  releaseAll(): void {
    for (const partition of [...this.all.keys()]) this.release(partition);
  }

  /** Resolves once the owner has ended its work on all partitions, which are released then. */
  async end(owner: LogConsumer | undefined): Promise<void> {
    await Promise.all([...this.all.keys()].map((partition) => owner?.revoked(partition)));
    this.all.clear();
  }

  private start(partition: number): void {
    const assigning = this.assign(partition, () => this.all.get(partition) === assigning);
    this.all.set(partition, assigning);
  }

  private release(partition: number): void {
    const { owner, peers, positions, progress } = this.options;
    this.all.delete(partition);
    progress.release(partition);
    positions.release(partition);
    peers?.release(partition);
    void owner()?.revoked(partition);
  }

  /**
   * Continues a partition that this member keeps. After each rebalance kafkajs reads from the
   * committed position, or from the log's end if there is none, and would skip unread records.
   */
  private readOn(partition: number): void {
    const { consumer, peers, positions, progress, topic } = this.options;
    const next = progress.next.get(partition);
    // It is not positioned yet: `assign` seeks once it is.
    if (next === undefined) return;
    const offset = String(positions.readFrom(partition, next));
    consumer.seek({ topic, partition, offset });
    for (const place of peers?.unread(partition) ?? []) consumer.seek(place);
  }

  private async assign(partition: number, isOwned: () => boolean): Promise<void> {
    const { clock, consumer, failed, isFatal, owner, peers, positions, progress, topic } =
      this.options;
    // The partition is recorded as owned before any request is made here.
    await Promise.resolve();
    while (owner() && isOwned()) {
      try {
        const { assignment, readFrom } = await positions.load(partition);
        const peerStart = await peers?.load(partition, isOwned);
        if (!isOwned()) return;
        owner()?.assigned(partition, lookingUpUntil(assignment, peerStart?.lookUpUntil));
        progress.advance(partition, Math.max(assignment.from, readFrom));
        consumer.seek({ topic, partition, offset: String(readFrom) });
        for (const place of peerStart?.places ?? []) consumer.seek(place);
        return;
      } catch (error) {
        if (isFatal(error)) {
          this.all.delete(partition);
          return;
        }
        failed('load the position', error);
        await pause(clock, RETRY_MS);
      }
    }
  }
}
