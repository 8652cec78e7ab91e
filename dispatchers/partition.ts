import type { LikeStore } from '../producers/store';
import type { Clock } from '../runtime/clock';
import type { Publication, Told } from '../schemas/broadcast';
import type { Update } from '../schemas/delivery';
import { isFinal, LikestreamError } from '../schemas/errors';
import type { Measures } from '../schemas/measures';
import type { DuplicateFilter } from './duplicate-filter';
import type { Fold } from './fold';
import { type Cancelled, eventIn, isLike, type LogEvent, type Logged, timeOf } from './log-event';
import { OwnLog } from './own-log';
import type { PeerResult, Peers } from './peers';
import { republications } from './republications';
import type { Assignment, LogRecord, Position } from './source';
import { StoreDebts } from './store-debts';
import { type Found, StoredLikes } from './stored-likes';
import { Turns } from './turns';
import { UnstoredRecords } from './unstored';

/** More records not known to be stored than this, and no more are taken until some are. */
export const MAX_UNSTORED = 100_000;

export interface PartitionParts {
  readonly fold: Fold;
  readonly duplicates: DuplicateFilter;
  readonly windowMs: number;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  readonly store: LikeStore;
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
  private readonly debts: StoreDebts;
  private readonly stored: StoredLikes;
  // A channel must not be let go of between its load and its counting.
  private readonly turns = new Turns();

  constructor(
    { done, from, end }: Pick<Assignment, 'done' | 'from' | 'end'>,
    private readonly parts: PartitionParts,
  ) {
    [this.next, this.done, this.readTo, this.end] = [done, done, from, end];
    this.unstored = new UnstoredRecords(parts.windowMs, parts.peers !== undefined);
    this.stored = new StoredLikes(parts);
    this.debts = new StoreDebts({ ...parts, unstored: this.unstored, turns: this.turns });
  }

  /**
   * Consumes records in order, all or none. Resolves with the new states of their channels and the
   * counted likes. A caller that no longer owns the partition drops the result and this object.
   */
  take(records: readonly LogRecord[]): Promise<Publication[]> {
    return this.turns.take(() => this.takeNow(records));
  }

  /**
   * Learns what other datacenters have made of channels. Rejects while some of our own log, that an
   * earlier owner has read, is still to be read.
   */
  hear(tales: readonly Told[]): Promise<PeerResult> {
    return this.turns.take(() => this.hearNow(tales));
  }

  /** Stores what dead producers left, saves the states. Gives how far the partition is done. */
  async settle(): Promise<Position> {
    const end = this.next;
    const { cancels } = this.debts;
    await Promise.all([this.debts.storeLeft(), this.parts.fold.save(), this.flushDoubles()]);
    await this.debts.withdraw(cancels);
    this.done = Math.min(end, this.unstored.firstOffset ?? end);
    return { ...this.parts.duplicates.positionAt(this.done), counted: end };
  }

  /**
   * Removes and returns the likes that were stored late, to publish them to peers again: a peer may
   * have forgotten their ids and looked them up before they were stored. They must be in the log
   * before the position is committed.
   */
  takeRepublished(): Promise<Publication[]> {
    return this.turns.take(async () => {
      const { clock, fold, peers } = this.parts;
      const late = [...this.unstored.storedLate];
      const likes = peers?.toRepublish(late) ?? [];
      await fold.load(new Set(likes.map(({ channel }) => channel)));
      this.unstored.dropStoredLate(late.length);
      return republications(likes, fold, clock.now());
    });
  }

  /** The states that are in memory, by channel. */
  readonly held = () => this.parts.fold.held();

  /** Whether likes wait to be cancelled that a successor must find in peers' updates again. */
  get isCancelPending(): boolean {
    return this.parts.peers?.isUnflushed ?? false;
  }

  /** Whether anything waits to be stored or saved. */
  get unsettled(): boolean {
    const { fold, peers } = this.parts;
    return fold.dirty || this.debts.any || (peers?.size ?? 0) > 0;
  }

  private async takeNow(records: readonly LogRecord[]): Promise<Publication[]> {
    if (this.unstored.size > MAX_UNSTORED) {
      throw new LikestreamError('store_unavailable', 'too much is waiting for the store');
    }
    this.refuseWhilePeersAreFull();
    const events = records.flatMap((record) => this.read(record) ?? []);
    await this.parts.fold.load(new Set(events.map(({ channel }) => channel)));
    const found = await this.stored.of(events, this.next);
    const updates = new Map<string, Update>();
    for (const event of events) {
      if (isLike(event)) this.takeLike(event, found.get(event));
      else this.takeCancel(event, found.get(event));
      this.tell(event, updates);
    }
    this.readTo = (records.at(-1)?.offset ?? this.readTo - 1) + 1;
    this.next = Math.max(this.next, this.readTo);
    this.parts.duplicates.batchDone(this.readTo);
    this.parts.fold.letGo();
    const counted = this.parts.peers?.takeCounted();
    return [...updates.values()].map((update) => {
      return { update, counted: counted?.get(update.channel) ?? [] };
    });
  }

  private async hearNow(tales: readonly Told[]): Promise<PeerResult> {
    const { fold, peers } = this.parts;
    const isRetried = this.isCancelPending;
    if (tales.some(({ isAgain }) => !isAgain)) this.refuseUnread();
    this.refuseWhilePeersAreFull();
    await fold.load(new Set(tales.map(({ channel }) => channel)));
    const updates = tales.map((told) => this.learn(told));
    const contested = await peers?.hear(tales, (channel) => this.ownLog(channel));
    // A log that accepts no cancels must not keep these or later updates from viewers.
    const uncancelled = isRetried ? undefined : await this.flushDoubles().catch(unlessFinal);
    const republished = republications(contested ?? [], fold, this.parts.clock.now());
    fold.letGo();
    return { updates, republished, uncancelled };
  }

  private learn({ channel, t, vector }: Told): Update {
    const { clock, fold } = this.parts;
    const isNewer = fold.learn(channel, vector);
    // Replays are delivered, too: an earlier owner may have died while the cache was unavailable.
    // But the time of a known update is over, and must not be merged into later ones.
    return { channel, vector: fold.vector(channel), t: isNewer ? t : clock.now() };
  }

  private takeLike(event: Logged, found?: Found): void {
    const { duplicates, peers } = this.parts;
    const { channel, id, offset } = event;
    const isUnseen = duplicates.note(event);
    const isNew = isUnseen && !this.unstored.knows(id) && !found?.isCopy;
    if (found?.isOfEarlierLog) this.debts.cancel(channel, event.record.likeId);
    if (isNew && offset >= this.done) {
      this.unstored.add(event, duplicates.now);
      peers?.counted(event, found?.elsewhere);
    } else if (!isNew) this.unstored.addCopy(event);
    if (offset >= this.next) {
      if (isNew) this.count(event);
      else this.parts.fold.pass(channel, offset);
    }
  }

  private takeCancel(event: Cancelled, found?: Found): void {
    const { cancel, channel, offset } = event;
    const isKnown = found?.isCopy || this.debts.owesCancel(channel, cancel.cancels);
    const isNew = this.parts.duplicates.noteCancel(event) && !isKnown;
    this.parts.peers?.cancelled(channel, cancel.cancels);
    if (isNew && offset >= this.done) this.debts.cancel(channel, cancel.cancels);
    if (offset < this.next) return;
    if (isNew) this.parts.fold.uncount(channel, cancel.reaction, offset);
    else this.parts.fold.pass(channel, offset);
  }

  private tell(event: LogEvent, updates: Map<string, Update>): void {
    const { channel } = event;
    // What an earlier owner had counted is told too: it may have died before it could.
    const t = Math.min(timeOf(event), updates.get(channel)?.t ?? timeOf(event));
    updates.set(channel, { channel, vector: this.parts.fold.vector(channel), t });
  }

  private get isRead(): boolean {
    return this.readTo >= this.end;
  }

  private async flushDoubles(): Promise<void> {
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
    const { debts, isRead, readTo, stored, unstored } = this;
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

function unlessFinal(error: unknown): unknown {
  if (isFinal(error)) throw error;
  return error;
}
