import type { Like } from '../schemas/likes';

/** A like as it is found: one row an id, whichever datacenter took it. */
export interface FoundLike extends Like {
  readonly memberId: string;
  /** Its place in our log; undefined when it stands in those of other datacenters alone. */
  readonly offset: number | undefined;
}

/** A like of our log, to be stored: of copies with one id the first in the log is kept. */
export interface StoredLike extends FoundLike {
  readonly offset: number;
}

/** The set of likes, as producers and owners see it. All reject with `store_unavailable`. */
export interface LikeStore {
  /** Puts each like there, safely; one that is there from an earlier offset stays. Idempotent. */
  insert(channel: string, likes: readonly StoredLike[]): Promise<void>;
  /** Those of the ids that are there. */
  find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]>;
  /** Has our log count none of these any more: what is found of them has no offset from then on. */
  withdraw(channel: string, likeIds: readonly string[]): Promise<void>;
}
