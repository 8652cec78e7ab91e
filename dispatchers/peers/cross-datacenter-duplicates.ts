import type { EventLog } from '../../adapters/event-log';
import type { Offsets, RowStore } from '../../adapters/row-store';
import type { Clock } from '../../runtime/clock';
import type { DedupeWindow } from '../../schemas/dedupe-window';
import { datacenterOf } from '../../schemas/peer-update';
import type { Now } from '../../schemas/retention';
import type { EntryKey } from '../owner/entry-key';
import { type OwnLogReader, readCopy } from '../owner/own-log';
import { SeenIds } from '../owner/seen-ids';
import { offsetsOf, PendingCancels } from './pending-cancels';

export interface CrossDatacenterDuplicatesOptions {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly log: EventLog;
  readonly store: RowStore;
  readonly clock: Clock;
  readonly dedupe: DedupeWindow;
  /** Ids of one generation that are remembered; `MAX_IDS` if not given. */
  readonly maxIds?: number | undefined;
  /** Called with an error if likes cannot be cancelled. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** A like that another datacenter has counted. */
export interface PeerEntry extends EntryKey {
  readonly origin: string;
  /** Whether an owner here has compared the like before; a new owner still needs its id. */
  readonly isReplay: boolean;
}

/**
 * Finds likes that two datacenters have counted, because a client changed the datacenter and sent
 * the like again. The datacenter with the later name cancels its copy. It appends the cancel to its
 * own log, so that its state stays a function of that log. The cancel has the reaction that our log
 * counted; the other datacenter's reaction may differ.
 *
 * The later of two events finds the duplicate: the peer's update (`applyPeerEntries`) or our own
 * copy (`counted`). If the peer's id was evicted before our copy is counted, the earlier datacenter
 * finds the duplicate: it reads our update, looks the id up in its own log, and publishes the id
 * again. So it does not matter whether one datacenter can read the other's rows.
 */
export class CrossDatacenterDuplicates {
  private readonly peerIds: SeenIds;
  private readonly cancels: PendingCancels;

  constructor(private readonly options: CrossDatacenterDuplicatesOptions) {
    const { dedupe, maxIds } = options;
    this.peerIds = new SeenIds({ retentionMs: dedupe.retentionMs, maxIds });
    this.cancels = new PendingCancels(options);
  }

  /** Compares a like that our log counted. `elsewhere`: other origins that have it in the store. */
  counted(like: EntryKey, elsewhere: readonly string[] = []): void {
    const isDuplicate =
      this.peerIds.has(like.id) || elsewhere.some((origin) => this.isBeforeUs(origin));
    if (isDuplicate) this.cancels.add(like);
  }

  /** Whether ids that peers have counted were dropped although they are still needed. */
  isIncomplete({ logTime }: Now): boolean {
    return this.peerIds.isIncomplete(logTime) || this.peerIds.isFutureIncomplete(logTime);
  }

  /** Notes that our log has a cancel of the like. */
  cancelled(channel: string, likeId: string): void {
    this.cancels.remove({ channel, likeId });
  }

  /**
   * Compares likes of one channel that peers have counted with our log: by the ids in memory or, if
   * these are not definite, by the store. Marks our copies of likes of earlier datacenters to be
   * cancelled. Resolves with our likes that a later datacenter has counted, too: publish them
   * again, so that it cancels its copies.
   */
  async applyPeerEntries(
    channel: string,
    entries: readonly PeerEntry[],
    own: OwnLogReader,
  ): Promise<readonly EntryKey[]> {
    const earlier = entries.filter(({ origin }) => this.isBeforeUs(origin));
    // Before the look-up, so that a copy of ours that is counted during the look-up is found.
    for (const { id, made } of earlier) {
      this.peerIds.note(id, this.options.dedupe.rememberUntil(made), own.now);
    }
    this.peerIds.evict(own.now);
    const later = entries.filter(({ isReplay, origin }) => !isReplay && this.isAfterUs(origin));
    const ours = await this.selectOurs(channel, [...earlier, ...later], own);
    for (const like of ours) {
      if (this.isBeforeUs(like.origin) && !own.hasCancelled(like)) this.cancels.add(like);
    }
    return ours.filter(({ origin }) => this.isAfterUs(origin));
  }

  /** Appends the pending cancels; see `PendingCancels.flush`. */
  flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return this.cancels.flush(ownOf);
  }

  /** Whether likes wait to be cancelled that no `flush` could cancel. */
  get isUnflushed(): boolean {
    return this.cancels.isUnflushed;
  }

  /** Whether too many likes wait to be cancelled. */
  get isFull(): boolean {
    return this.cancels.isFull;
  }

  /** Likes that wait to be cancelled. */
  get size(): number {
    return this.cancels.size;
  }

  /** Whether the datacenter of `origin` has an earlier name: then we cancel our copy. */
  private isBeforeUs(origin: string): boolean {
    return datacenterOf(origin) < datacenterOf(this.options.origin);
  }

  /** Whether the datacenter of `origin` has a later name: then it cancels its copy. */
  private isAfterUs(origin: string): boolean {
    return datacenterOf(origin) > datacenterOf(this.options.origin);
  }

  /** Selects the entries that our log has, by the ids in memory or, if not definite, the store. */
  private async selectOurs(
    channel: string,
    entries: readonly PeerEntry[],
    own: OwnLogReader,
  ): Promise<PeerEntry[]> {
    // Replayed likes are compared, too: this owner may have counted a copy before it read the
    // update again.
    const isInMemory = (like: PeerEntry): boolean => (own.isRead || like.isReplay) && own.has(like);
    const isAbsent = (like: EntryKey): boolean =>
      own.isRead && own.isDefinite(like) && !own.isUnstored(like);
    // Memory has no id without a time, so such replayed likes are looked up, too.
    const isUnknown = (like: PeerEntry): boolean => !like.isReplay || like.made === undefined;
    const toLookUp = entries.filter(
      (like) => isUnknown(like) && !isInMemory(like) && !isAbsent(like),
    );
    const offsets = await offsetsOf(this.options.store, channel, toLookUp);
    const stored = toLookUp.filter((like) => this.isInLog(like, offsets.get(like.likeId), own));
    return [...entries.filter(isInMemory), ...stored];
  }

  // This log cannot cancel a like that an earlier log of our datacenter counted. A like that this
  // log has cancelled is counted by an earlier datacenter, so a later one must cancel its copy.
  private isInLog(like: PeerEntry, stored: Offsets | undefined, own: OwnLogReader): boolean {
    const isOwn = readCopy(stored, own) !== undefined || own.isUnstored(like);
    if (this.isBeforeUs(like.origin)) return isOwn && !stored?.isWithdrawn;
    const ours = datacenterOf(this.options.origin);
    return isOwn || (stored?.elsewhere.some((each) => datacenterOf(each) === ours) ?? false);
  }
}
