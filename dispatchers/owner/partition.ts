import type { LogRecord } from '../../adapters/log-source';
import type { RowStore } from '../../adapters/row-store';
import type { Clock } from '../../runtime/clock';
import type { Update } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { Measures } from '../../schemas/measures';
import type { PeerUpdate, Publication } from '../../schemas/peer-update';
import type { Assignment, Position } from '../../schemas/position';
import type { PeerResult, Peers } from '../peers/peers';
import { republications } from '../peers/republications';
import type { DuplicateFilter } from './duplicate-filter';
import type { Fold } from './fold';
import { type Cancelled, eventIn, isLike, type LogEvent, type Logged, timeOf } from './log-event';
import { OwnLog } from './own-log';
import { Serial } from './serial';
import { StoreSync } from './store-sync';
import { type Found, StoredLookup } from './stored-lookup';
import { UnstoredRecords } from './unstored-records';

/** More records not known to be stored than this, and no more are taken until some are. */
export const MAX_UNSTORED = 100_000;

export interface PartitionOptions {
  readonly fold: Fold;
  readonly duplicates: DuplicateFilter;
  readonly windowMs: number;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly store: RowStore;
  readonly clock: Clock;
  /** Keys the fingerprints, so that nobody can make two ids collide. */
  readonly secret: string;
  /** Told of a record that cannot be read; it is passed over. */
  readonly unreadable: (record: LogRecord) => void;
  readonly measures?: Measures;
  /** Where there are other datacenters. */
  readonly peers?: Peers | undefined;
}

/** A partition of the log, as its owner works on it. */
export class Partition {
  // A new owner reads from `position.from` on, to know the ids; remembers as unstored from
  // `position.done` on; and counts from `next` on, which runs ahead as records come.
  /** All below is folded, by us or by an earlier owner. */
  private next: number;
  /** All below was read here, from `position.from` on. */
  private readTo: number;
  private readonly end: number;
  /** All records below this offset are stored, and their states are saved. */
  private done: number;
  private readonly unstored: UnstoredRecords;
  private readonly storeSync: StoreSync;
  private readonly stored: StoredLookup;
  // A channel must not be let go of between its load and its counting.
  private readonly turns = new Serial();

  constructor(
    { done, from, end }: Pick<Assignment, 'done' | 'from' | 'end'>,
    private readonly parts: PartitionOptions,
  ) {
    [this.next, this.done, this.readTo, this.end] = [done, done, from, end];
    this.unstored = new UnstoredRecords(parts.windowMs);
    this.stored = new StoredLookup(parts);
    this.storeSync = new StoreSync({ ...parts, unstored: this.unstored, turns: this.turns });
  }

  /**
   * Consumes records in order, all or none. Resolves with the new states of their channels and the
   * counted likes. A caller that no longer owns the partition drops the result and this object.
   */
  consume(records: readonly LogRecord[]): Promise<Publication[]> {
    return this.turns.run(() => this.consumeNow(records));
  }

  /**
   * Learns what other datacenters have made of channels. Rejects while some of our own log, that an
   * earlier owner has read, is still to be read.
   */
  applyPeerUpdates(tales: readonly PeerUpdate[]): Promise<PeerResult> {
    return this.turns.run(() => this.applyPeerUpdatesNow(tales));
  }

  /** Stores what dead producers left, saves the states. Gives how far the partition is done. */
  async checkpoint(): Promise<Position> {
    const end = this.next;
    const { cancels } = this.storeSync;
    await Promise.all([
      this.storeSync.storeAbandoned(),
      this.parts.fold.save(),
      this.flushDuplicates(),
    ]);
    await this.storeSync.withdraw(cancels);
    this.done = Math.min(end, this.unstored.firstOffset ?? end);
    return this.parts.duplicates.positionAt(this.done);
  }

  /**
   * Removes and returns the likes that were stored late, to publish them to peers again: a peer may
   * have forgotten their ids and looked them up before they were stored. They must be in the log
   * before the position is committed.
   */
  takeRepublished(): Promise<Publication[]> {
    return this.turns.run(async () => {
      const { clock, fold, peers } = this.parts;
      const late = [...this.unstored.storedAfterLookup];
      const likes = peers?.toRepublish(late) ?? [];
      await fold.load(new Set(likes.map(({ channel }) => channel)));
      this.unstored.dropStoredAfterLookup(late.length);
      return republications(likes, fold, clock.now());
    });
  }

  /** The states that are in memory, by channel. */
  readonly held = () => this.parts.fold.held();

  /** Whether anything waits to be stored or saved. */
  get needsCheckpoint(): boolean {
    const { fold, peers } = this.parts;
    return fold.dirty || this.storeSync.hasWork || (peers?.size ?? 0) > 0;
  }

  private async consumeNow(records: readonly LogRecord[]): Promise<Publication[]> {
    if (this.unstored.size > MAX_UNSTORED) {
      throw new LikestreamError('store_unavailable', 'too much is waiting for the store');
    }
    this.refuseWhilePeersAreFull();
    const events = records.flatMap((record) => this.read(record) ?? []);
    await this.parts.fold.load(new Set(events.map(({ channel }) => channel)));
    const found = await this.stored.offsetsOf(events, this.next);
    const updates = new Map<string, Update>();
    for (const event of events) {
      if (isLike(event)) this.takeLike(event, found.get(event));
      else this.takeCancel(event, found.get(event));
      this.addUpdate(event, updates);
    }
    this.readTo = (records.at(-1)?.offset ?? this.readTo - 1) + 1;
    this.next = Math.max(this.next, this.readTo);
    this.parts.duplicates.batchDone(this.readTo);
    this.parts.fold.evict();
    const counted = this.parts.peers?.takeCounted();
    return [...updates.values()].map((update) => {
      return { update, counted: counted?.get(update.channel) ?? [] };
    });
  }

  private async applyPeerUpdatesNow(tales: readonly PeerUpdate[]): Promise<PeerResult> {
    const { fold, peers } = this.parts;
    if (tales.some(({ isReplay: isAgain }) => !isAgain)) this.refuseUnread();
    this.refuseWhilePeersAreFull();
    await fold.load(new Set(tales.map(({ channel }) => channel)));
    const updates = tales.flatMap((told) => this.learn(told) ?? []);
    const contested = await peers?.applyUpdates(tales, (channel) => this.ownLog(channel));
    await this.flushDuplicates();
    const republished = republications(contested ?? [], fold, this.parts.clock.now());
    fold.evict();
    return { updates, republished };
  }

  private learn(told: PeerUpdate): Update | undefined {
    const { clock, fold } = this.parts;
    const { channel, isReplay: isAgain } = told;
    const isNewer = fold.mergeOthers(channel, told.vector);
    if (isAgain && !isNewer) return undefined;
    // What is told twice goes on, too: an earlier owner may have died before it could. But its time
    // is over, and no time of what is merged with it on the way.
    return { channel, vector: fold.vector(channel), t: isNewer ? told.t : clock.now() };
  }

  private takeLike(event: Logged, found?: Found): void {
    const { duplicates, peers } = this.parts;
    const { channel, id, offset } = event;
    const isUnseen = duplicates.note(event);
    const isNew = isUnseen && !this.unstored.has(id) && !found?.isCopy;
    if (found?.isOfEarlierLog) this.storeSync.cancel(channel, event.record.likeId);
    if (isNew && offset >= this.done) {
      this.unstored.add(event, duplicates.now);
      peers?.counted(event, found?.elsewhere);
    } else if (!isNew) this.unstored.addCopy(event);
    if (offset >= this.next) {
      if (isNew) this.count(event);
      else this.parts.fold.skipCopy(channel, offset);
    }
  }

  private takeCancel(event: Cancelled, found?: Found): void {
    const { cancel, channel, offset } = event;
    const isKnown = found?.isCopy || this.storeSync.hasPendingCancel(channel, cancel.cancels);
    const isNew = this.parts.duplicates.noteCancel(event) && !isKnown;
    this.parts.peers?.cancelled(channel, cancel.cancels);
    if (isNew && offset >= this.done) this.storeSync.cancel(channel, cancel.cancels);
    if (offset < this.next) return;
    if (isNew) this.parts.fold.unfold(channel, cancel.reaction, offset);
    else this.parts.fold.skipCopy(channel, offset);
  }

  private addUpdate(event: LogEvent, updates: Map<string, Update>): void {
    const { channel } = event;
    // What an earlier owner had counted is told too: it may have died before it could.
    const t = Math.min(timeOf(event), updates.get(channel)?.t ?? timeOf(event));
    updates.set(channel, { channel, vector: this.parts.fold.vector(channel), t });
  }

  private get isRead(): boolean {
    return this.readTo >= this.end;
  }

  private async flushDuplicates(): Promise<void> {
    const { peers } = this.parts;
    if (!peers?.size) return;
    this.refuseUnread();
    await peers.flush((channel) => this.ownLog(channel));
  }

  // Before any id is noted: otherwise the second offer of this batch would look like duplicates.
  private refuseWhilePeersAreFull(): void {
    if (!this.parts.peers?.isFull) return;
    throw new LikestreamError('log_unavailable', 'too many likes wait to be cancelled');
  }

  private refuseUnread(): void {
    if (!this.isRead) throw new LikestreamError('log_unavailable', 'our log is not read yet');
  }

  private ownLog(channel: string): OwnLog {
    const { storeSync: debts, isRead, readTo, stored, unstored } = this;
    return new OwnLog({ ...this.parts, channel, debts, isRead, readTo, stored, unstored });
  }

  private count(event: Logged): void {
    const { duplicates, fold } = this.parts;
    const { channel, offset, record } = event;
    fold.count(channel, record.reaction, offset, duplicates.futureUntil(event));
    this.parts.measures?.folded(1);
  }

  private read(record: LogRecord): LogEvent | undefined {
    try {
      return eventIn(record, this.parts.secret);
    } catch {
      this.parts.unreadable(record);
      return undefined;
    }
  }
}
