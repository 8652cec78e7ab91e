import type { Clock } from '../../runtime/clock';
import type { Update } from '../../schemas/delivery';
import type { LoggedType } from '../../schemas/event-type';
import type { Publication } from '../../schemas/peer-update';
import type { Peers } from '../peers/peers';
import type { PendingDeletions } from '../peers/pending-deletions';
import { republications } from '../peers/republications';
import type { EntryKey } from './entry-key';
import type { Fold } from './fold';

/**
 * If more channels than this are held back, they are published early: all of them are loaded at
 * once then, each with up to 16 KiB.
 */
export const MAX_HELD_BACK = 2_000;

export interface ChannelUpdatesOptions {
  readonly type: Pick<LoggedType, 'name' | 'hasHistory' | 'policy'>;
  readonly fold: Fold;
  readonly clock: Pick<Clock, 'now'>;
  readonly peers?: Pick<Peers, 'takeCounted'> | undefined;
  readonly deletions?: Pick<PendingDeletions, 'takeDeleted'> | undefined;
}

/** By channel, the time of the oldest entry that is published now, ms since the epoch. */
type OldestTimes = ReadonlyMap<string, number>;

const NONE: OldestTimes = new Map();

/** Makes the updates of a partition's channels, for frontends and for other datacenters. */
export class ChannelUpdates {
  /** Channels with a history that are published once the log is read, with their oldest time. */
  private readonly heldBack = new Map<string, number>();

  constructor(private readonly options: ChannelUpdatesOptions) {}

  /**
   * The channels to publish after a batch: those of the batch. Of a type with a history none are
   * published before the owner has read all records that were in the log when it began: then those
   * of all batches. What an owner has loaded is shorter than what its predecessor published.
   */
  dueAfter(batch: OldestTimes, isRead: boolean): OldestTimes {
    if (!this.options.type.hasHistory) return batch;
    if (!isRead && this.heldBack.size < MAX_HELD_BACK) return NONE;
    if (this.heldBack.size === 0) return batch;
    const due = new Map(this.heldBack);
    for (const [channel, t] of batch) due.set(channel, Math.min(t, due.get(channel) ?? t));
    return due;
  }

  /**
   * The publications of the channels that are due, which are loaded, after a batch was counted.
   * Entries that an earlier owner had counted are published, too: it may have died before that.
   */
  publicationsOf(due: OldestTimes, batch: OldestTimes): Publication[] {
    if (due.size === 0) this.holdBack(batch);
    else this.heldBack.clear();
    if (due.size === 0) return [];
    const counted = this.options.peers?.takeCounted();
    const deleted = this.options.deletions?.takeDeleted();
    return [...due].map(([channel, t]) => ({
      update: this.updateOf(channel, t),
      counted: counted?.get(channel) ?? [],
      deleted: deleted?.get(channel),
    }));
  }

  /** Publications of entries that peers must read again. They have no deltas. */
  republicationsOf(entries: readonly EntryKey[]): Publication[] {
    const { clock, fold, type } = this.options;
    const t = clock.now();
    const hasDeltas = type.policy.delta !== undefined;
    return republications(entries, (channel) => ({
      ...{ channel, type: type.name, t },
      vector: hasDeltas ? {} : fold.vector(channel),
    }));
  }

  /** The update of a loaded channel: what is new since its last one, or all states. */
  updateOf(channel: string, t: number): Update {
    const { fold, type } = this.options;
    return { channel, type: type.name, ...fold.changes(channel), t };
  }

  /** As `updateOf`, after an update of a peer; undefined if nothing is new. */
  updateOfPeers(channel: string, t: number): Update | undefined {
    const { fold, type } = this.options;
    const changes = fold.changes(channel, { withoutOwn: true });
    if (changes.whole && Object.keys(changes.vector).length === 0) return undefined;
    return { channel, type: type.name, ...changes, t };
  }

  /** Whether channels wait until the log is read. */
  get isHoldingBack(): boolean {
    return this.heldBack.size > 0;
  }

  private holdBack(batch: OldestTimes): void {
    for (const [channel, t] of batch) {
      this.heldBack.set(channel, Math.min(t, this.heldBack.get(channel) ?? t));
    }
  }
}
