/** What a `likes` event says. */
export interface LikesMessage {
  readonly channel: string;
  readonly total: number;
  readonly new: number;
  /** When the oldest like among them was accepted, ms since the epoch. */
  readonly t: number;
}

/** What a `snapshot` of a video says. */
export interface SnapshotMessage {
  readonly channel: string;
  readonly total: number;
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
  return typeof snapshot.channel === 'string' && Number.isSafeInteger(snapshot.total);
}
