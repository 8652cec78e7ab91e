import type { LogRecord } from '../../adapters/log-source';
import type { RowStore } from '../../adapters/row-store';
import { allEnded } from '../../runtime/all-ended';
import type { Clock } from '../../runtime/clock';
import { LikestreamError, unlessFinal } from '../../schemas/errors';
import type { LoggedType } from '../../schemas/event-type';
import type { Measures } from '../../schemas/measures';
import type { PeerUpdate, Publication } from '../../schemas/peer-update';
import { type Assignment, knownEnd } from '../../schemas/position';
import type { Peers } from '../peers/peers';
import type { PendingDeletions } from '../peers/pending-deletions';
import { ChannelUpdates } from './channel-updates';
import type { DuplicateFilter } from './duplicate-filter';
import { EventCounter } from './event-counter';
import { Fingerprints } from './fingerprints';
import type { Fold } from './fold';
import { oldestByChannel, parseLogEvents } from './log-event';
import { OwnLog } from './own-log';
import type { CheckpointResult, PeerResult } from './partition-results';
import { Serial } from './serial';
import { StoreSync } from './store-sync';
import { StoredLookup } from './stored-lookup';
import { UnstoredRecords } from './unstored-records';

/** If more entries than this are not known to be stored, the partition consumes no more. */
export const MAX_UNSTORED = 100_000;

export interface PartitionOptions {
  /** The type of the log's entries. */
  readonly type: LoggedType;
  readonly fold: Fold;
  readonly duplicates: DuplicateFilter;
  readonly windowMs: number;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly store: RowStore;
  readonly clock: Clock;
  /** Keys the fingerprints, so clients cannot forge a collision of two ids. */
  readonly secret: string;
  /** Called for each record that is not valid; it is skipped. */
  readonly unreadable: (record: LogRecord) => void;
  readonly measures?: Measures;
  /** Undefined if there is one datacenter, or if the type is not `exact`. */
  readonly peers?: Peers | undefined;
  /** Undefined if there is one datacenter, or if entries of the type cannot be deleted. */
  readonly deletions?: PendingDeletions | undefined;
}

/** A partition of the log, as its owner counts, stores and saves it. */
export class Partition {
  // A new owner reads from `position.from` to learn the ids, adds records from `position.done` to
  // the unstored ones, and counts from `next`, which advances with the records.
  /** All records below this offset are folded, by this owner or an earlier one. */
  private next: number;
  /** All records from `position.from` to below this offset are read. */
  private readTo: number;
  private readonly end: number;
  /** All records below this offset were folded and saved by earlier owners. */
  private readonly countedBefore: number;
  /** All records below this offset are stored, and their states are saved. */
  private done: number;
  private readonly unstored: UnstoredRecords;
  private readonly storeSync: StoreSync;
  private readonly stored: StoredLookup;
  private readonly counter: EventCounter;
  private readonly fingerprints: Fingerprints;
  private readonly updates: ChannelUpdates;
  // No channel may be evicted between its load and its count, so these tasks never overlap.
  private readonly serial = new Serial();

  constructor(
    assignment: Pick<Assignment, 'counted' | 'done' | 'from' | 'end'>,
    private readonly options: PartitionOptions,
  ) {
    const { done, from, end } = assignment;
    [this.next, this.done, this.readTo, this.end] = [done, done, from, end];
    this.countedBefore = knownEnd(assignment);
    this.fingerprints = new Fingerprints(options.secret);
    this.updates = new ChannelUpdates(options);
    const unstored = new UnstoredRecords(options.windowMs);
    this.unstored = unstored;
    this.stored = new StoredLookup(options);
    this.storeSync = new StoreSync({ ...options, unstored, serial: this.serial });
    this.counter = new EventCounter({ ...options, unstored, storeSync: this.storeSync });
  }

  /**
   * Consumes records in order, all or none. Resolves with the new states of their channels and the
   * counted entries. A caller that no longer owns the partition drops the result and this object.
   */
  consume(records: readonly LogRecord[]): Promise<Publication[]> {
    return this.serial.run(() => this.consumeNow(records));
  }

  /**
   * Merges other datacenters' states, and compares the entries that they have counted. Rejects
   * until this owner has read all records that were in our log when it began.
   */
  applyPeerUpdates(updates: readonly PeerUpdate[]): Promise<PeerResult> {
    return this.serial.run(() => this.applyPeerUpdatesNow(updates));
  }

  /** Stores the records of dead producers, and saves the states. Resolves with the new position. */
  async checkpoint(): Promise<CheckpointResult> {
    const end = this.next;
    // A successor publishes only what comes after the position.
    const limit = this.updates.isHoldingBack ? this.done : end;
    const { cancels } = this.storeSync;
    await allEnded([
      this.storeSync.storeAbandoned(),
      this.storeSync.removeDeleted(),
      this.options.fold.save(),
      this.flushCancels(),
    ]);
    await this.storeSync.withdraw(cancels);
    this.done = Math.min(limit, this.unstored.firstOffset ?? limit);
    const counted = Math.max(end, this.countedBefore);
    const position = { ...this.options.duplicates.positionAt(this.done), counted };
    return { position, republished: await this.republishStoredLate() };
  }

  /** The states that are in memory, by channel. */
  readonly held = () => this.options.fold.held();

  /**
   * Whether entries wait to be cancelled or deleted that a successor would have to find in peers'
   * updates.
   */
  get isCancelPending(): boolean {
    const { deletions, peers } = this.options;
    return (peers?.isUnflushed ?? false) || (deletions?.isUnflushed ?? false);
  }

  /** Whether anything waits to be stored or saved. */
  get needsCheckpoint(): boolean {
    const { fold, peers } = this.options;
    const hasWork = fold.dirty || this.storeSync.hasWork || (peers?.size ?? 0) > 0;
    return hasWork || this.isCancelPending;
  }

  private async consumeNow(records: readonly LogRecord[]): Promise<Publication[]> {
    const isFull = this.unstored.size > MAX_UNSTORED || this.storeSync.isFull;
    if (isFull || this.options.fold.isFull) {
      throw new LikestreamError('store_unavailable', 'too many entries are not stored');
    }
    this.refuseIf(this.options.deletions?.isStuck);
    const events = parseLogEvents(records, { ...this.options, fingerprints: this.fingerprints });
    const oldest = oldestByChannel(events);
    const readTo = (records.at(-1)?.offset ?? this.readTo - 1) + 1;
    const due = this.updates.dueAfter(oldest, readTo >= this.end);
    await this.options.fold.load((due.size > 0 ? due : oldest).keys());
    const found = await this.stored.lookUp(events, this.next);
    this.counter.apply(events, found, { done: this.done, next: this.next });
    this.readTo = readTo;
    this.next = Math.max(this.next, this.readTo);
    this.options.duplicates.batchDone(this.readTo);
    this.findDeletions(oldest.keys());
    const publications = this.updates.publicationsOf(due, oldest);
    this.options.fold.evict();
    return publications;
  }

  /** Finds entries of loaded channels that peers have deleted. */
  private findDeletions(channels: Iterable<string>): void {
    const { deletions, fold } = this.options;
    if (!deletions) return;
    for (const channel of channels) deletions.compare(channel, fold.vector(channel));
  }

  private async applyPeerUpdatesNow(peerUpdates: readonly PeerUpdate[]): Promise<PeerResult> {
    const { fold, peers } = this.options;
    const isRetried = this.isCancelPending;
    if (peers && peerUpdates.some(({ isReplay }) => !isReplay)) this.refuseUntilRead();
    this.refuseIf(this.options.deletions?.isFull);
    await fold.load(new Set(peerUpdates.map(({ channel }) => channel)));
    const times = peerUpdates.map((update) => this.merge(update));
    const entries = await peers?.applyUpdates(peerUpdates, (channel) => this.ownLog(channel));
    // If the log accepts no cancels, viewers still get these and later updates.
    const uncancelled = isRetried ? undefined : await this.flushCancels().catch(unlessFinal);
    const republished = this.updates.republicationsOf(entries ?? []);
    // At the end: an update that is made is not made again if the peers' updates are repeated.
    const updates = peerUpdates.flatMap(({ channel }, index) => {
      return this.updates.updateOfPeers(channel, times[index] ?? this.options.clock.now()) ?? [];
    });
    fold.evict();
    return { updates, republished, uncancelled };
  }

  /** Merges the states of an update; returns the time of the oldest entry in it. */
  private merge(update: PeerUpdate): number {
    const { channel, t, vector } = update;
    const { clock, deletions, fold } = this.options;
    const isNewer = fold.mergeOthers(channel, vector);
    // Now: merged with later updates, the state may no longer have the deletions of this one.
    this.findDeletions([channel]);
    deletions?.hear(update, fold.vector(channel));
    // Replays are dispatched, too, because an earlier owner may have died before it did so, or
    // while the cache was unavailable. Their old time must not become the time of a merged update.
    return isNewer ? t : clock.now();
  }

  // Serial only with peers: otherwise a checkpoint would wait for records without a reason.
  private async republishStoredLate(): Promise<Publication[]> {
    const { fold, peers } = this.options;
    if (!peers) {
      this.unstored.dropStoredAfterLookup();
      return [];
    }
    return this.serial.run(async () => {
      const storedLate = [...this.unstored.storedAfterLookup];
      const entries = peers.toRepublish(storedLate);
      await fold.load(new Set(entries.map(({ channel }) => channel)));
      this.unstored.dropStoredAfterLookup(storedLate.length);
      return this.updates.republicationsOf(entries);
    });
  }

  private async flushCancels(): Promise<void> {
    const { deletions, peers } = this.options;
    await deletions?.flush((channel, entryId) =>
      this.unstored.has(this.fingerprints.ofEntry(channel, entryId)),
    );
    if (!peers?.size) return;
    this.refuseUntilRead();
    await peers.flush((channel) => this.ownLog(channel));
  }

  // Call it before any id is noted: otherwise records that are delivered again are duplicates.
  private refuseIf(hasTooManyDeletions = false): void {
    if (!this.options.peers?.isFull && !hasTooManyDeletions) return;
    throw new LikestreamError('log_unavailable', 'too many entries wait to be cancelled');
  }

  private refuseUntilRead(): void {
    if (!this.isRead) throw new LikestreamError('log_unavailable', 'our log is not read yet');
  }

  private get isRead(): boolean {
    return this.readTo >= this.end;
  }

  private ownLog(channel: string): OwnLog {
    const { fingerprints, isRead, readTo, stored, storeSync, unstored } = this;
    return new OwnLog({
      ...{ ...this.options, channel, fingerprints },
      ...{ isRead, readTo, stored, storeSync, unstored },
    });
  }
}
