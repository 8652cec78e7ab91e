import type { EachBatchPayload } from 'kafkajs';
import type { Clock } from '../../../runtime/clock';
import { LikestreamError } from '../../../schemas/errors';
import type { LogConsumer } from '../../log-source';
import { withHeartbeats } from '../consume/heartbeats';
import type { PausedPartitions } from '../consume/paused-partitions';
import type { PeerTopics } from './peer-topics';

export interface PeerFeedOptions {
  readonly peers?: PeerTopics | undefined;
  readonly pausedPartitions: PausedPartitions;
  /** Owned partitions, each with the promise that it is positioned. */
  readonly owned: ReadonlyMap<number, Promise<void>>;
  /** The owner of this member's partitions; undefined once the member is about to leave. */
  readonly owner: () => LogConsumer | undefined;
  /** Whether the process must end because of this error, which is then reported. */
  readonly isFatal: (error: unknown) => boolean;
  /** Reports a failed step that is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
  readonly clock: Clock;
}

/** Delivers the updates of other datacenters to the owner of the same partition of the log. */
export class PeerFeed {
  constructor(private readonly options: PeerFeedOptions) {}

  /** Delivers one batch; after a rejection the batch is delivered again later. */
  async consumePeerBatch({
    batch,
    heartbeat,
    isStale,
    pause,
    resolveOffset,
  }: EachBatchPayload): Promise<void> {
    const { clock, failed, isFatal, pausedPartitions, owned, owner, peers } = this.options;
    const assigned = owned.get(batch.partition);
    await assigned;
    const current = owner();
    if (!current || isStale()) return;
    // Started again meanwhile, it is read from another position.
    const isCurrent = () => owned.get(batch.partition) === assigned;
    if (!isCurrent()) return;
    if (!assigned) {
      // Another member owns this partition of the log: without a pause kafkajs would spin.
      pausedPartitions.resumeLater(pause());
      return;
    }
    if (!peers?.isSameTopic(batch)) return;
    try {
      await withHeartbeats(clock, heartbeat, () =>
        current.applyPeerUpdates(batch.partition, peers.updatesIn(batch)),
      );
      if (!isCurrent()) return;
      peers.consumed(batch);
      resolveOffset(batch.lastOffset());
      await heartbeat();
    } catch (error) {
      if (isFatal(error)) return;
      // The owner reports its own failures; any other error is a bug.
      if (!(error instanceof LikestreamError)) failed('apply peer updates', error);
      pausedPartitions.resumeLater(pause());
    }
  }
}
