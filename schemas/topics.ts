import { spread } from './hash';

/** Partitions of every topic; a topic with another number is refused. */
export const PARTITIONS = 8;

/** The partition of a channel, the same for all topics, so that one owner has all of a channel. */
export function partitionOf(channel: string): number {
  return spread(channel) % PARTITIONS;
}
