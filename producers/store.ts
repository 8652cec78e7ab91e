import type { Like } from '../schemas/likes';

/** A like as the store keeps it: one row an id. */
export interface StoredLike extends Like {
  readonly memberId: string;
  /** Its place in the log: of copies with one id the first in the log is kept. */
  readonly offset: number;
}

/** The set of likes, as producers and owners see it. All reject with `store_unavailable`. */
export interface LikeStore {
  /** Puts each like there, safely; one that is there from an earlier offset stays. Idempotent. */
  insert(channel: string, likes: readonly StoredLike[]): Promise<void>;
  /** Those of the ids that are there. */
  find(channel: string, likeIds: readonly string[]): Promise<readonly StoredLike[]>;
}
