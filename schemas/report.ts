import { z } from 'zod';

/** The longest channel name in messages between services, characters. */
export const MAX_CHANNEL_LENGTH = 100;

/** The longest name of an event type in these messages, characters. */
const MAX_TYPE_LENGTH = 32;

export const channel = z.string().min(1).max(MAX_CHANNEL_LENGTH);
export const type = z.string().min(1).max(MAX_TYPE_LENGTH);

/**
 * What a contributor, a worker or another datacenter, has of a leased feed. Its numbers only grow,
 * and an older one is ignored.
 */
export const report = z.object({
  channel,
  type,
  number: z.int().nonnegative(),
  /** Its value; absent if it contributes nothing. Then the feed gets a state, if it has none. */
  value: z.unknown().optional(),
  /** The greatest version of the feed's state that it has seen; the next one is greater. */
  seen: z.int().nonnegative(),
});
export type Report = Readonly<z.infer<typeof report>>;

/** The most feeds of a lost contributor that one call removes. */
export const MAX_REMOVED = 20;

/** Contributors that are other datacenters begin so; the ids of workers do not. */
const PEER_PREFIX = 'dc:';

/** Whether a contributor is another datacenter. */
export function isPeer(contributor: string): boolean {
  return contributor.startsWith(PEER_PREFIX);
}
