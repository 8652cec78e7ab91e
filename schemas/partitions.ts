import { spread } from './hash';

/** Partitions of every topic of an installation whose `PARTITIONS` says nothing else. */
export const PARTITIONS = 8;

/**
 * The partition of a channel, the same for all topics of a generation, so that one owner has all of a
 * channel.
 */
export function partitionOf(channel: string, partitions: number = PARTITIONS): number {
  return spread(channel) % partitions;
}

/** A topic's name in a generation of a log: `likes` in the first one, `likes.2` in the second. */
export function topicOf(topic: string, generation: number): string {
  return generation === 1 ? topic : `${topic}.${generation}`;
}

/** A pattern for the names of a topic in all generations, as MirrorMaker reads it. */
export function topicPattern(topic: string): string {
  return `${topic}([.][0-9]+)?`;
}

/** The consumer group of the dispatchers of an origin's log. */
export function groupOf(origin: string): string {
  return `likestream-${origin}`;
}
