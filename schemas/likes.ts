import { z } from 'zod';
import { id } from './ids';

/** The reactions offered when none are configured. */
export const DEFAULT_REACTIONS = ['like', 'celebrate', 'support', 'love', 'insightful', 'funny'];

/** The reaction of a like that names none. */
export const DEFAULT_REACTION = 'like';

export const reaction = z
  .string()
  .regex(/^[a-z0-9_]{1,32}$/)
  // Counts are kept in plain objects, which have some names already.
  .refine((name) => !(name in Object.prototype), 'this name cannot be had');

/** A like as the outside sees it. */
export interface Like {
  readonly likeId: string;
  readonly videoId: string;
  readonly reaction: string;
  /** When it was accepted, ms since the epoch. */
  readonly at: number;
}

/**
 * A like in the log. `producer` and `seq` name the append, `stored` says that all of this
 * producer's appends up to that `seq` are in the store.
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
 * A like of this log that is taken back, because a datacenter of an earlier name has taken the same
 * id: `reaction` is what is counted one less.
 */
export const cancelRecord = z.object({ cancels: id, reaction, at: z.int().nonnegative() });

export type CancelRecord = z.infer<typeof cancelRecord>;

/** Likes of a video: counted by reaction, kept for ever, each id once. */
export const likes = {
  name: 'likes',
  channelKind: 'video',
  topic: 'likes',
  record: z.union([likeRecord, cancelRecord]),
  stored: true,
  policy: 'counter' as const,
};
