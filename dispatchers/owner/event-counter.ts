import type { Measures } from '../../schemas/measures';
import type { Peers } from '../peers/peers';
import type { DuplicateFilter } from './duplicate-filter';
import type { Fold } from './fold';
import { type CancelEvent, isLike, type LikeEvent, type LogEvent } from './log-event';
import type { StoreSync } from './store-sync';
import type { LookupResult } from './stored-lookup';
import type { UnstoredRecords } from './unstored-records';

export interface EventCounterOptions {
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

/** Counts the events of a partition, each like and each cancel once. */
export class EventCounter {
  constructor(private readonly options: EventCounterOptions) {}

  /** Applies an event, in the order of the log. Its channel's state must be loaded. */
  apply(event: LogEvent, found: LookupResult | undefined, progress: Progress): void {
    if (isLike(event)) this.applyLike(event, found, progress);
    else this.applyCancel(event, found, progress);
  }

  private applyLike(event: LikeEvent, found: LookupResult | undefined, progress: Progress): void {
    const { duplicates, fold, peers, storeSync, unstored } = this.options;
    const { channel, id, likeId, offset } = event;
    const isUnseen = duplicates.note(event);
    const isNew = isUnseen && !unstored.has(id) && !found?.isCopy;
    if (found?.isOfEarlierLog) storeSync.cancel(channel, likeId);
    if (isNew && offset >= progress.done) {
      unstored.add(event, duplicates.now);
      peers?.counted(event, found?.elsewhere);
    } else if (!isNew) unstored.addCopy(event);
    if (offset < progress.next) return;
    if (isNew) this.count(event);
    else fold.skipCopy(channel, offset);
  }

  private applyCancel(
    event: CancelEvent,
    found: LookupResult | undefined,
    progress: Progress,
  ): void {
    const { duplicates, fold, peers, storeSync } = this.options;
    const { cancel, channel, likeId, offset } = event;
    const isKnown = found?.isCopy || storeSync.hasPendingCancel(channel, likeId);
    const isNew = duplicates.noteCancel(event) && !isKnown;
    peers?.cancelled(channel, likeId);
    if (isNew && offset >= progress.done) storeSync.cancel(channel, likeId);
    if (offset < progress.next) return;
    if (isNew) fold.unfold(channel, cancel.reaction, offset);
    else fold.skipCopy(channel, offset);
  }

  private count(event: LikeEvent): void {
    const { duplicates, fold, measures } = this.options;
    const { channel, offset, record } = event;
    fold.count(channel, record.reaction, offset, duplicates.futureUntil(event));
    measures?.folded(1);
  }
}
