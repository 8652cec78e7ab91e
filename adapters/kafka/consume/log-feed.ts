import type { EachBatchPayload } from 'kafkajs';
import { LikestreamError } from '../../../schemas/errors';
import type { LogRecord } from '../../log-source';
import type { PeerFeedOptions } from '../peers/peer-feed';
import type { KafkaPositions } from '../positions/positions';
import { withHeartbeats } from './heartbeats';
import type { LogVerification } from './log-verification';
import type { ReadProgress } from './read-progress';
import { recordOf } from './record';

export interface LogFeedOptions extends Omit<PeerFeedOptions, 'peers'> {
  readonly positions: Pick<KafkaPositions, 'ends' | 'read' | 'verify'>;
  readonly progress: ReadProgress;
  readonly verification: Pick<LogVerification, 'isSameLog'>;
  /** Starts the partition again from its committed position. */
  readonly restartPartition: (partition: number) => void;
}

/** Delivers the records of our log to the owner of their partition. */
export class LogFeed {
  constructor(private readonly options: LogFeedOptions) {}

  /** Delivers one batch; after a rejection the batch is delivered again later. */
  async consumeLogBatch(payload: EachBatchPayload): Promise<void> {
    const { clock, isFatal, pausedPartitions, owned, owner, positions, progress, verification } =
      this.options;
    const { batch, heartbeat, pause, resolveOffset } = payload;
    const { partition } = batch;
    const assigned = owned.get(partition);
    await assigned;
    if (!(await verification.isSameLog)) return;
    const records = batch.messages.map(recordOf);
    const isCurrent = () => this.isCurrent(payload, assigned);
    if (!isCurrent() || !this.isVerified(partition, records)) return;
    if (!(await this.isContiguous(partition, records)) || !isCurrent()) return;
    progress.noteLag(batch);
    const unread = progress.unread(partition, records);
    try {
      await withHeartbeats(clock, heartbeat, async () => {
        if (unread.length > 0) await owner()?.records(partition, unread);
      });
      if (owned.get(partition) !== assigned) return;
      const next = positions.read(partition, unread);
      if (next !== undefined) progress.advance(partition, next);
      resolveOffset(batch.lastOffset());
    } catch (error) {
      // The owner reports its own failures.
      if (!isFatal(error)) pausedPartitions.resumeLater(pause());
    }
  }

  /** Whether a batch is to be read: its partition is owned, and no seek has replaced it. */
  private isCurrent({ batch, isStale }: EachBatchPayload, assigned: Promise<void> | undefined) {
    const { owned, owner } = this.options;
    const isOwned = assigned !== undefined && owned.get(batch.partition) === assigned;
    return isOwned && owner() !== undefined && !isStale();
  }

  private isVerified(partition: number, records: readonly LogRecord[]): boolean {
    const { isFatal, positions } = this.options;
    try {
      positions.verify(partition, records);
      return true;
    } catch (error) {
      if (isFatal(error)) return false;
      throw error;
    }
  }

  /**
   * Whether these records follow the last one without a gap. After a gap, this member starts the
   * partition again.
   */
  private async isContiguous(partition: number, records: readonly LogRecord[]): Promise<boolean> {
    const { restartPartition, failed, positions, progress } = this.options;
    if (records.length === 0) return false;
    const gap = await progress.gapBefore(partition, records, () => positions.ends(partition));
    if (gap === undefined) return true;
    failed('check for a gap', new LikestreamError('log_unavailable', gap));
    restartPartition(partition);
    return false;
  }
}
