import type { LoggedType } from '../../schemas/event-type';
import type { Measures } from '../../schemas/measures';
import type { Now } from '../../schemas/retention';
import type { Peers } from '../peers/peers';
import type { PendingDeletions } from '../peers/pending-deletions';
import type { DuplicateFilter } from './duplicate-filter';
import type { Fold } from './fold';
import {
  type CancelEvent,
  type DeleteEvent,
  type EntryEvent,
  isDeletion,
  isRecord,
  type LogEvent,
  type RecordEvent,
} from './log-event';
import type { StoreSync } from './store-sync';
import type { LookupItem, LookupResult } from './stored-lookup';
import type { UnstoredRecords } from './unstored-records';

export interface EventCounterOptions {
  readonly type: Pick<LoggedType, 'name'>;
  readonly fold: Fold;
  readonly duplicates: DuplicateFilter;
  readonly unstored: UnstoredRecords;
  readonly storeSync: StoreSync;
  readonly peers?: Peers | undefined;
  /** Peers' deletions that wait for our own; undefined if there are no peers. */
  readonly deletions?: Pick<PendingDeletions, 'counted' | 'deleted' | 'publish'> | undefined;
  readonly measures?: Measures | undefined;
}

/** Two offsets of a partition, both of the first record that an earlier owner did not process. */
export interface Progress {
  /** All records below are stored, and their states are saved. */
  readonly done: number;
  /** All records below are folded, by this owner or an earlier one. */
  readonly next: number;
}

/** What was looked up in the store, as far as it was found. */
export type Found = ReadonlyMap<LookupItem, LookupResult>;

/** Counts the events of a partition, each entry and each cancel once. */
export class EventCounter {
  constructor(private readonly options: EventCounterOptions) {}

  /**
   * Applies the events of a batch, in the order of the log. The states of their channels must be
   * loaded, and all entries be observed.
   */
  apply(events: readonly LogEvent[], found: Found, progress: Progress): void {
    const { duplicates, measures, type } = this.options;
    const { now } = duplicates;
    let counted = 0;
    for (const event of events) {
      if (isRecord(event)) counted += this.applyRecord(event, found, progress, now);
      else if (isDeletion(event)) this.applyDeletion(event, progress);
      else this.applyCancel(event, found.get(event), progress);
    }
    if (counted > 0) measures?.folded(type.name, counted);
  }

  /** `batchNow` is the time after all events of the batch. Returns the number of folded entries. */
  private applyRecord(
    record: RecordEvent,
    found: Found,
    progress: Progress,
    batchNow: Now,
  ): number {
    const { deletions, duplicates, fold, peers, unstored } = this.options;
    const { channel, offset } = record;
    const now = duplicates.begin(record, batchNow.monotonic);
    const counted = this.newOf(record, found, now);
    if (counted.length > 0 && offset >= progress.done) {
      unstored.add(record, counted, batchNow);
      if (peers) for (const entry of counted) peers.counted(entry, found.get(entry)?.elsewhere);
      if (deletions) for (const { entryId } of counted) deletions.counted(channel, entryId);
    }
    if (offset < progress.next) return 0;
    if (counted.length > 0) this.count(record, counted, now);
    else fold.skipCopy(channel, offset);
    return counted.length;
  }

  /** Notes the entries of a record. Returns those that are the first copies of their ids. */
  private newOf({ entries }: RecordEvent, found: Found, now: Now): readonly EntryEvent[] {
    let copies: Set<EntryEvent> | undefined;
    for (const entry of entries) {
      if (this.isNew(entry, found.get(entry), now)) continue;
      copies ??= new Set();
      copies.add(entry);
    }
    return copies ? entries.filter((entry) => !copies.has(entry)) : entries;
  }

  /** Notes an entry; true if it is the first copy of its id. */
  private isNew(entry: EntryEvent, found: LookupResult | undefined, now: Now): boolean {
    const { duplicates, storeSync, unstored } = this.options;
    const isUnseen = duplicates.note(entry, now);
    const isNew = isUnseen && !unstored.has(entry.fingerprint) && !found?.isCopy;
    if (found?.isOfEarlierLog) storeSync.cancel(entry.channel, entry.entryId);
    if (!isNew) unstored.addCopy(entry);
    return isNew;
  }

  private applyCancel(
    event: CancelEvent,
    found: LookupResult | undefined,
    progress: Progress,
  ): void {
    const { duplicates, fold, peers, storeSync } = this.options;
    const { cancel, channel, entryId, offset } = event;
    const isKnown = found?.isCopy || storeSync.hasPendingCancel(channel, entryId);
    const isNew = duplicates.noteCancel(event) && !isKnown;
    peers?.cancelled(channel, entryId);
    if (isNew && offset >= progress.done) storeSync.cancel(channel, entryId);
    if (offset < progress.next) return;
    if (isNew) fold.unfold(channel, cancel, offset);
    else fold.skipCopy(channel, offset);
  }

  // Each deletion has a number of its own in the history, a repeated one, too: the fold depends on
  // the log alone.
  private applyDeletion({ channel, entryId, offset }: DeleteEvent, progress: Progress): void {
    const { deletions, fold, storeSync } = this.options;
    deletions?.deleted(channel, entryId);
    if (offset >= progress.done) {
      storeSync.remove(channel, entryId);
      deletions?.publish(channel, entryId);
    }
    if (offset >= progress.next) fold.remove(channel, entryId, offset);
  }

  private count({ channel, offset }: RecordEvent, counted: readonly EntryEvent[], now: Now): void {
    const { duplicates, fold } = this.options;
    let futureUntil = 0;
    for (const entry of counted) {
      futureUntil = Math.max(futureUntil, duplicates.futureUntil(entry, now) ?? 0);
    }
    fold.count(channel, counted, offset, futureUntil || undefined);
  }
}
