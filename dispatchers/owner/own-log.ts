import type { Now } from '../../schemas/retention';
import type { EntryKey } from '../peers/cross-datacenter-duplicates';
import type { DuplicateFilter } from './duplicate-filter';
import { cancelId } from './log-event';
import type { StoreSync } from './store-sync';
import type { StoredLookup } from './stored-lookup';
import type { UnstoredRecords } from './unstored-records';

export interface OwnLogOptions {
  readonly channel: string;
  /** Whether this owner has read all records that were in the log when it began. */
  readonly isRead: boolean;
  /** All records below this offset are read. */
  readonly readTo: number;
  /** Keys the fingerprints. */
  readonly secret: string;
  readonly duplicates: DuplicateFilter;
  readonly unstored: UnstoredRecords;
  readonly debts: StoreSync;
  readonly stored: StoredLookup;
}

/** Looks up in our own log the likes of one channel that a peer has counted. */
export class OwnLog {
  constructor(private readonly options: OwnLogOptions) {}

  get isRead(): boolean {
    return this.options.isRead;
  }

  get now(): Now {
    return this.options.duplicates.now;
  }

  /** Whether `has` being false proves that our log has no earlier copy of such a like. */
  isDefinite({ made }: Pick<EntryKey, 'made'>): boolean {
    const { channel, duplicates, stored } = this.options;
    return this.isRead && !stored.mayLackFutureIds(channel) && duplicates.isDefinite(made);
  }

  has({ id }: Pick<EntryKey, 'id'>): boolean {
    return this.options.duplicates.has(id);
  }

  /** Whether this owner has read the record at an offset: a row may be stored before. */
  hasRead(offset: number): boolean {
    return offset < this.options.readTo;
  }

  /** Whether our log may have the like although the store does not have it yet. */
  isUnstored({ id }: Pick<EntryKey, 'id'>): boolean {
    return this.options.unstored.has(id);
  }

  /** The reaction that our log counted, if the store may not have the like yet. */
  unstoredReaction({ id }: Pick<EntryKey, 'id'>): string | undefined {
    return this.options.unstored.recordOf(id)?.record.reaction;
  }

  hasCancelled({ likeId }: Pick<EntryKey, 'likeId'>): boolean {
    const { channel, debts, duplicates, secret } = this.options;
    return (
      duplicates.has(cancelId(secret, channel, likeId)) || debts.hasPendingCancel(channel, likeId)
    );
  }
}

/** The public methods of `OwnLog`. */
export type OwnLogReader = Pick<OwnLog, keyof OwnLog>;
