import { spread } from './hash';

/** The number of partitions of each topic if `PARTITIONS` is not set. */
export const PARTITIONS = 8;

/** The partition of a channel: the same in all topics of a generation, so that it has one owner. */
export function partitionOf(channel: string, partitions: number = PARTITIONS): number {
  return spread(channel) % partitions;
}

/** A topic's name in a generation of a log: `likes` in the first, `likes.2` in the second. */
export function topicOf(topic: string, generation: number): string {
  return generation === 1 ? topic : `${topic}.${generation}`;
}

/** The regular expression of a topic's names in all generations, for MirrorMaker. */
export function topicPattern(topic: string): string {
  return `${topic}([.][0-9]+)?`;
}

/** The consumer group of the dispatchers of an origin's log. */
export function groupOf(origin: string): string {
  return `likestream-${origin}`;
}
