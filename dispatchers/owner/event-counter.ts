import type { EventType } from '../../schemas/event-type';
import type { Measures } from '../../schemas/measures';
import type { Now } from '../../schemas/retention';
import type { Peers } from '../peers/peers';
import type { DuplicateFilter } from './duplicate-filter';
import type { Fold } from './fold';
import {
  type CancelEvent,
  type EntryEvent,
  isRecord,
  type LogEvent,
  type RecordEvent,
} from './log-event';
import type { StoreSync } from './store-sync';
import type { LookupItem, LookupResult } from './stored-lookup';
import type { UnstoredRecords } from './unstored-records';

export interface EventCounterOptions {
  readonly type: Pick<EventType, 'name'>;
  readonly fold: Fold;
  readonly duplicates: DuplicateFilter;
  readonly unstored: UnstoredRecords;
  readonly storeSync: StoreSync;
  readonly peers?: Peers | undefined;
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

  /** Applies an event, in the order of the log. Its channel's state must be loaded. */
  apply(event: LogEvent, found: Found, progress: Progress): void {
    if (isRecord(event)) this.applyRecord(event, found, progress);
    else this.applyCancel(event, found.get(event), progress);
  }

  private applyRecord(record: RecordEvent, found: Found, progress: Progress): void {
    const { duplicates, fold, peers, unstored } = this.options;
    const { channel, entries, offset } = record;
    const now = duplicates.begin(record);
    const counted = entries.filter((entry) => this.isNew(entry, found.get(entry), now));
    if (counted.length > 0 && offset >= progress.done) {
      unstored.add(record, counted, duplicates.now);
      if (peers) for (const entry of counted) peers.counted(entry, found.get(entry)?.elsewhere);
    }
    if (offset < progress.next) return;
    if (counted.length > 0) this.count(record, counted, now);
    else fold.skipCopy(channel, offset);
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

  private count({ channel, offset }: RecordEvent, counted: readonly EntryEvent[], now: Now): void {
    const { duplicates, fold, measures, type } = this.options;
    let futureUntil = 0;
    for (const entry of counted) {
      futureUntil = Math.max(futureUntil, duplicates.futureUntil(entry, now) ?? 0);
    }
    fold.count(channel, counted, offset, futureUntil || undefined);
    measures?.folded(type.name, counted.length);
  }
}
