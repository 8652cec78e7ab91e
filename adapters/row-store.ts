import type { Like } from '../schemas/likes';

/** A like as it is found: one row an id, with the body that counts (`countedOrigin`). */
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
  /** Whether our log has taken it back. */
  readonly isWithdrawn: boolean;
  /** The other origins whose logs have it, and did not take it back. */
  readonly elsewhere: readonly string[];
}

/** A like of our log, to be stored: of copies with one id the first in the log is kept. */
export interface StoredLike extends FoundLike {
  readonly offset: number;
}

/** The set of likes, as producers and owners see it. All reject with `store_unavailable`. */
export interface RowStore {
  /** Puts each like there, safely; one that is there from an earlier offset stays. Idempotent. */
  insert(channel: string, likes: readonly StoredLike[]): Promise<void>;
  /** Those of the ids that are there. */
  find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]>;
  /** Which logs have those of the ids that any has. */
  offsets(channel: string, likeIds: readonly string[]): Promise<ReadonlyMap<string, Offsets>>;
  /** Our log has taken these back, whether they are there already or not. Idempotent. */
  withdraw(channel: string, likeIds: readonly string[]): Promise<void>;
}
