import { spread } from './hash';

/** The number of partitions of each topic if `PARTITIONS` is not set. */
export const PARTITIONS = 24;

/** The partition of a channel: the same in all topics of a generation. */
export function partitionOf(channel: string, partitions: number = PARTITIONS): number {
  return spread(channel) % partitions;
}
