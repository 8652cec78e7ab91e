/** Likes by reaction; a missing reaction has 0. */
export type Reactions = Readonly<Record<string, number>>;

/** The data of a `likes` event. */
export interface LikesMessage {
  readonly channel: string;
  readonly total: number;
  readonly reactions?: Reactions;
  readonly new: number;
  /** When the oldest like among them was accepted, ms since the epoch. */
  readonly t: number;
}

/** The data of a video's `snapshot`. */
export interface SnapshotMessage {
  readonly channel: string;
  readonly total: number;
  readonly reactions?: Reactions;
}

/** Whether this is a `likes` event's data. */
export function isLikes(data: unknown): data is LikesMessage {
  if (!isSnapshot(data)) {
    return false;
  }
  const likes = data as Partial<LikesMessage>;
  return Number.isSafeInteger(likes.new) && Number.isSafeInteger(likes.t);
}

/** Whether this is a `snapshot` event's data. */
export function isSnapshot(data: unknown): data is SnapshotMessage {
  if (typeof data !== 'object' || data === null) {
    return false;
  }
  const snapshot = data as Partial<SnapshotMessage>;
  if (typeof (snapshot.reactions ?? {}) !== 'object') {
    return false;
  }
  return typeof snapshot.channel === 'string' && Number.isSafeInteger(snapshot.total);
}

/** Whether each reaction has the same count in both. */
export function areSameReactions(one: Reactions, other: Reactions): boolean {
  if (one === other) {
    return true;
  }
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => (one[name] ?? 0) === (other[name] ?? 0));
}

/** The sum of all counts, by reaction. */
export function sumOfReactions(all: Iterable<Reactions>): Reactions {
  const sum: Record<string, number> = {};
  for (const reactions of all) {
    for (const [name, count] of Object.entries(reactions)) {
      sum[name] = (sum[name] ?? 0) + count;
    }
  }
  return sum;
}
