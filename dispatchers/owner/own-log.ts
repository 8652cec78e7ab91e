import type { Offsets, OwnCopy } from '../../adapters/row-store';
import type { Entry } from '../../schemas/event-type';
import type { Now } from '../../schemas/retention';
import type { DuplicateFilter } from './duplicate-filter';
import type { EntryKey } from './entry-key';
import type { Fingerprints } from './fingerprints';
import type { StoreSync } from './store-sync';
import type { StoredLookup } from './stored-lookup';
import type { UnstoredRecords } from './unstored-records';

export interface OwnLogOptions {
  readonly channel: string;
  /** Whether this owner has read all records that were in the log when it began. */
  readonly isRead: boolean;
  /** All records below this offset are read. */
  readonly readTo: number;
  readonly fingerprints: Fingerprints;
  readonly duplicates: DuplicateFilter;
  readonly unstored: UnstoredRecords;
  readonly storeSync: StoreSync;
  readonly stored: StoredLookup;
}

/** Looks up in our own log the entries of one channel that a peer has counted. */
export class OwnLog {
  constructor(private readonly options: OwnLogOptions) {}

  get isRead(): boolean {
    return this.options.isRead;
  }

  get now(): Now {
    return this.options.duplicates.now;
  }

  /** Whether `has` being false proves that our log has no earlier copy of such an entry. */
  isDefinite({ made }: Pick<EntryKey, 'made'>): boolean {
    const { channel, duplicates, stored } = this.options;
    return this.isRead && !stored.mayLackFutureIds(channel) && duplicates.isDefinite(made);
  }

  /** Whether the id is in memory. */
  has({ fingerprint }: Pick<EntryKey, 'fingerprint'>): boolean {
    return this.options.duplicates.has(fingerprint);
  }

  /** Whether this owner has read the record at an offset; its row may be stored before. */
  hasRead(offset: number): boolean {
    return offset < this.options.readTo;
  }

  /** Whether our log may have the entry although the store does not have it yet. */
  isUnstored({ fingerprint }: Pick<EntryKey, 'fingerprint'>): boolean {
    return this.options.unstored.has(fingerprint);
  }

  /** The copy that our log counted, if the store may not have the entry yet. */
  unstoredCopy({ fingerprint }: Pick<EntryKey, 'fingerprint'>): Pick<Entry, 'body'> | undefined {
    return this.options.unstored.entryOf(fingerprint)?.entry;
  }

  /** Whether this owner has read a cancel of the entry. */
  hasCancelled({ entryId }: Pick<EntryKey, 'entryId'>): boolean {
    const { channel, duplicates, fingerprints, storeSync } = this.options;
    const isCancelKnown = duplicates.has(fingerprints.ofCancel(channel, entryId));
    return isCancelKnown || storeSync.hasPendingCancel(channel, entryId);
  }
}

/** The public methods of `OwnLog`. */
export type OwnLogReader = Pick<OwnLog, keyof OwnLog>;

/**
 * Our copy of an entry in the store, if this owner has read its record. If it has not, our log may
 * have an earlier copy that is not stored yet and that is the counted one.
 */
export function readCopy(
  stored: Offsets | undefined,
  own: Pick<OwnLog, 'hasRead'>,
): OwnCopy | undefined {
  const copy = stored?.own;
  return copy && own.hasRead(copy.offset) ? copy : undefined;
}
