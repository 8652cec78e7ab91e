import type { Like } from '../schemas/likes';

/** A like as the store returns it: one row an id, with the copy that counts (`countedOrigin`). */
export interface FoundLike extends Like {
  readonly memberId: string;
}

/** The first copy of a like in our log. */
export interface OwnCopy {
  readonly offset: number;
  readonly reaction: string;
}

/** Which logs have a like. */
export interface Offsets {
  /** The first copy that our log has; undefined if it has none. */
  readonly own: OwnCopy | undefined;
  /** Whether our log has cancelled it. */
  readonly isWithdrawn: boolean;
  /** The other origins whose logs have it and have not cancelled it. */
  readonly elsewhere: readonly string[];
}

/** A like of our log to store: of several copies of an id, the first one in the log is kept. */
export interface StoredLike extends FoundLike {
  readonly offset: number;
}

/** The rows of likes, by id. All methods reject with `store_unavailable`. */
export interface RowStore {
  /** Stores likes durably; a like already stored from an earlier offset stays. Idempotent. */
  insert(channel: string, likes: readonly StoredLike[]): Promise<void>;
  /** The likes of those ids that are stored. */
  find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]>;
  /** Which logs have each id; ids that no log has are left out. */
  offsets(channel: string, likeIds: readonly string[]): Promise<ReadonlyMap<string, Offsets>>;
  /** Marks likes as cancelled in our log, whether they are stored already or not. Idempotent. */
  withdraw(channel: string, likeIds: readonly string[]): Promise<void>;
}
