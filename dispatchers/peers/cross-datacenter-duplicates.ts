import type { EventLog } from '../../adapters/event-log';
import type { Offsets, RowStore } from '../../adapters/row-store';
import type { Clock } from '../../runtime/clock';
import type { DedupeWindow } from '../../schemas/dedupe-window';
import type { LoggedType } from '../../schemas/event-type';
import { datacenterOf } from '../../schemas/origins';
import type { Now } from '../../schemas/retention';
import type { EntryKey } from '../owner/entry-key';
import { type OwnLogReader, readCopy } from '../owner/own-log';
import { SeenIds } from '../owner/seen-ids';
import { offsetsOf, PendingCancels } from './pending-cancels';

export interface CrossDatacenterDuplicatesOptions {
  /** The type of the log's entries; it is `exact`. */
  readonly type: Pick<LoggedType, 'name' | 'policy'>;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly log: EventLog;
  readonly store: RowStore;
  readonly clock: Clock;
  readonly dedupe: DedupeWindow;
  /** Ids of one generation that are remembered; `MAX_IDS` if not given. */
  readonly maxIds?: number | undefined;
  /** Called with an error if entries cannot be cancelled. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** An entry that another datacenter has counted. */
export interface PeerEntry extends EntryKey {
  readonly origin: string;
  /** Whether an owner here has compared the entry before; a new owner still needs its id. */
  readonly isReplay: boolean;
}

/**
 * Finds entries that two datacenters have counted, because a client changed the datacenter and sent
 * the entry again. The datacenter with the later name cancels its copy. It appends the cancel to
 * its own log, so that its state stays a function of that log. The cancel has the `undoKey` of the
 * body that our log counted; the other datacenter's body may differ.
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

  /** Compares an entry that our log counted. `elsewhere`: other origins that have it stored. */
  counted(entry: EntryKey, elsewhere: readonly string[] = []): void {
    const isDuplicate =
      this.peerIds.has(entry.fingerprint) || elsewhere.some((origin) => this.isBeforeUs(origin));
    if (isDuplicate) this.cancels.add(entry);
  }

  /** Whether ids that peers have counted were dropped although they are still needed. */
  isIncomplete({ logTime }: Now): boolean {
    return this.peerIds.isIncomplete(logTime) || this.peerIds.isFutureIncomplete(logTime);
  }

  /** Notes that our log has a cancel of the entry. */
  cancelled(channel: string, entryId: string): void {
    this.cancels.remove({ channel, entryId });
  }

  /**
   * Compares entries of one channel that peers have counted with our log: by the ids in memory or,
   * if these are not definite, by the store. Marks our copies of entries of earlier datacenters to
   * be cancelled. Resolves with our entries that a later datacenter has counted, too: publish them
   * again, so that it cancels its copies.
   */
  async applyPeerEntries(
    channel: string,
    entries: readonly PeerEntry[],
    own: OwnLogReader,
  ): Promise<readonly EntryKey[]> {
    const earlier = entries.filter(({ origin }) => this.isBeforeUs(origin));
    // Before the look-up, so that a copy of ours that is counted during the look-up is found.
    for (const { fingerprint, made } of earlier) {
      this.peerIds.note(fingerprint, this.options.dedupe.rememberUntil(made), own.now);
    }
    this.peerIds.evict(own.now);
    const later = entries.filter(({ isReplay, origin }) => !isReplay && this.isAfterUs(origin));
    const ours = await this.selectOurs(channel, [...earlier, ...later], own);
    for (const entry of ours) {
      if (this.isBeforeUs(entry.origin) && !own.hasCancelled(entry)) this.cancels.add(entry);
    }
    return ours.filter(({ origin }) => this.isAfterUs(origin));
  }

  /** Appends the pending cancels; see `PendingCancels.flush`. */
  flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    return this.cancels.flush(ownOf);
  }

  /** Whether entries wait to be cancelled that no `flush` could cancel. */
  get isUnflushed(): boolean {
    return this.cancels.isUnflushed;
  }

  /** Whether too many entries wait to be cancelled. */
  get isFull(): boolean {
    return this.cancels.isFull;
  }

  /** Entries that wait to be cancelled. */
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
    // Replayed entries are compared, too: this owner may have counted a copy before it read the
    // update again.
    const isInMemory = (entry: PeerEntry): boolean =>
      (own.isRead || entry.isReplay) && own.has(entry);
    const isAbsent = (entry: EntryKey): boolean =>
      own.isRead && own.isDefinite(entry) && !own.isUnstored(entry);
    // Memory has no id without a time, so such replayed entries are looked up, too.
    const isUnknown = (entry: PeerEntry): boolean => !entry.isReplay || entry.made === undefined;
    const toLookUp = entries.filter(
      (entry) => isUnknown(entry) && !isInMemory(entry) && !isAbsent(entry),
    );
    const offsets = await offsetsOf(this.options.store, channel, toLookUp);
    const stored = toLookUp.filter((entry) => this.isInLog(entry, offsets.get(entry.entryId), own));
    return [...entries.filter(isInMemory), ...stored];
  }

  // This log cannot cancel an entry that an earlier log of our datacenter counted. If this log has
  // cancelled an entry, an earlier datacenter counts it, so a later one must cancel its copy.
  private isInLog(entry: PeerEntry, stored: Offsets | undefined, own: OwnLogReader): boolean {
    const isOwn = readCopy(stored, own) !== undefined || own.isUnstored(entry);
    if (this.isBeforeUs(entry.origin)) return isOwn && !stored?.isWithdrawn;
    const ours = datacenterOf(this.options.origin);
    return isOwn || (stored?.elsewhere.some((each) => datacenterOf(each) === ours) ?? false);
  }
}
