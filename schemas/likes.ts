import { z } from 'zod';
import { idIn } from './channels';
import { id } from './ids';

/** The reactions if none are configured. */
export const DEFAULT_REACTIONS = ['like', 'celebrate', 'support', 'love', 'insightful', 'funny'];

/** The reaction of a like whose request has none. */
export const DEFAULT_REACTION = 'like';

export const reaction = z
  .string()
  .regex(/^[a-z0-9_]{1,32}$/)
  // Counts are plain objects, which inherit these names.
  .refine((name) => !(name in Object.prototype), 'this name is reserved');

/** A like in an answer. */
export interface Like {
  readonly likeId: string;
  readonly videoId: string;
  readonly reaction: string;
  /** When a producer accepted it, ms since the epoch. */
  readonly at: number;
}

/**
 * A like in the log. `producer` and `seq` identify the append. All appends of this producer up to
 * the sequence number `stored` are in the store.
 */
export const likeRecord = z.object({
  likeId: id,
  memberId: id,
  reaction,
  at: z.int().nonnegative(),
  producer: id,
  seq: z.int(),
  stored: z.int(),
});

export type LikeRecord = z.infer<typeof likeRecord>;

/**
 * Cancels a like of this log, because a datacenter with an earlier name has counted the same id.
 * The count of `reaction` falls by one.
 */
export const cancelRecord = z.object({ cancels: id, reaction, at: z.int().nonnegative() });

export type CancelRecord = z.infer<typeof cancelRecord>;

/** Likes of a video: counted by reaction, stored without expiry, each id once. */
export const likes = {
  name: 'likes',
  channelKind: 'video',
  topic: 'likes',
  record: z.union([likeRecord, cancelRecord]),
  stored: true,
  policy: 'counter' as const,
};

/** The row of a logged like. */
export function rowOf(channel: string, record: LikeRecord, offset: number) {
  const { likeId, memberId, reaction, at } = record;
  return { likeId, videoId: idIn(channel), memberId, reaction, at, offset };
}
