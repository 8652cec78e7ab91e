import { z } from 'zod';
import { eventType, type LoggedType } from './event-type';
import { type Counts, counter } from './policies/counter';

/** The reactions if none are configured. */
export const DEFAULT_REACTIONS = ['like', 'celebrate', 'support', 'love', 'insightful', 'funny'];

/** The reaction of a like whose request has none. */
const DEFAULT_REACTION = 'like';

export const reaction = z
  .string()
  .regex(/^[a-z0-9_]{1,32}$/)
  // Counts are plain objects, which inherit these names.
  .refine((name) => !(name in Object.prototype), 'this name is reserved');

interface LikeBody {
  readonly reaction: string;
}

/**
 * Likes of a video: counted by reaction, stored without expiry, each id once. Only `reactions` are
 * accepted; a like without one has `like`, or else the first of them.
 */
export function likesOf(reactions: readonly string[]): LoggedType<LikeBody, Counts, Counts> {
  const fallback = reactions.includes(DEFAULT_REACTION) ? DEFAULT_REACTION : reactions[0];
  return eventType({
    name: 'likes',
    channelKind: 'video',
    idName: 'likeId',
    idFrom: 'client',
    body: z.object({ reaction }),
    request: z.object({ reaction: z.enum(reactions).default(fallback ?? DEFAULT_REACTION) }),
    errors: { reaction: 'unknown_reaction' },
    columns: { reaction: 'text' },
    exact: true,
    maxPerRequest: 50,
    sharesRecords: true,
    policy: counter({ event: 'likes', field: 'reactions', key: (body) => body.reaction }),
  });
}

/** Likes with the default reactions. */
export const likes = likesOf(DEFAULT_REACTIONS);
