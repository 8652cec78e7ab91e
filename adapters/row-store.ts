import type { Entry } from '../schemas/event-type';
import type { RowRemoval } from './row-removal';

/** An entry as the store returns it: one row an id, with the copy that counts (`countedOrigin`). */
export interface FoundEntry extends Entry {
  /** Where the copy is in its origin's log: `dc1.1@1420`. */
  readonly place: string;
  /** True if the entry was removed: then its body has no fields. */
  readonly isDeleted?: boolean | undefined;
}

/** The first copy of an entry in our log. */
export interface OwnCopy {
  readonly offset: number;
  readonly body: unknown;
}

/** Which logs have an entry. */
export interface Offsets {
  /** The first copy that our log has; undefined if it has none. */
  readonly own: OwnCopy | undefined;
  /** Whether our log has cancelled it. */
  readonly isWithdrawn: boolean;
  /** The other origins whose logs have it and have not cancelled it. */
  readonly elsewhere: readonly string[];
}

/** An entry of our log to store: of several copies of an id, the first one in the log is kept. */
export interface StoredEntry extends Entry {
  readonly offset: number;
}

/** The rows of one event type, by id. All methods reject with `store_unavailable`. */
export interface RowStore extends RowRemoval {
  /** Stores entries durably; one already stored from an earlier offset stays. Idempotent. */
  insert(channel: string, entries: readonly StoredEntry[]): Promise<void>;
  /** The entries of those ids that are stored. */
  find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]>;
  /** Which logs have each id; ids that no log has are left out. */
  offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>>;
  /** Marks entries as cancelled in our log, whether they are stored already or not. Idempotent. */
  withdraw(channel: string, ids: readonly string[]): Promise<void>;
}
