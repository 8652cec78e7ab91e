import { v7 } from 'uuid';
import { PARTITIONS, partitionOf } from '../../schemas/partitions';

/** New videos, one in each partition, in their order. */
export function videosOfAllPartitions(): string[] {
  const videos = new Map<number, string>();
  for (let at = 0; videos.size < PARTITIONS; at++) {
    const video = `probe-${v7()}-${at}`;
    const partition = partitionOf(`video:${video}`);
    if (!videos.has(partition)) videos.set(partition, video);
  }
  return [...videos].sort(([a], [b]) => a - b).map(([, video]) => video);
}
