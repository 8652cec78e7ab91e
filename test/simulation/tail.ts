import { likes } from '../../schemas/likes';
import { partitionOf } from '../../schemas/topics';
import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { killAll, reviveAll, reviveProducers } from './process-faults';
import { channelOf, VIDEOS } from './videos';

const MAX_LOST = 20;
const LIKES_AFTER_MS = 1_000;

/** The dispatchers own the partition in turn; each waits for the end of the session before. */
const REFUSAL_MS = 30_000;

/**
 * At rest, removes the last counted records of a partition from the log; then every dispatcher must
 * end. Before they start, posts fewer likes than were lost: if a log has grown beyond its old end,
 * only Kafka's source finds the loss, by the mark that it commits. Returns the violations.
 */
export async function loseTail(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const random = all.random.fork();
  const world = random.pick(all.worlds);
  const video = random.pick(VIDEOS);
  const partition = partitionOf(channelOf(video));
  killAll(world);
  const lost = world.servers.loseTail(likes.topic, partition, 1 + random.below(MAX_LOST));
  if (lost === 0) return [];
  reviveProducers(world);
  for (let left = random.below(lost); left > 0; left--) crowd.likeVideo(video, world);
  await all.clock.advance(LIKES_AFTER_MS);
  reviveAll(world);
  await all.clock.advance(REFUSAL_MS);
  const going = world.dispatchers.filter(({ process }) => process.alive).length;
  if (going === 0) return [];
  return [`${lost} acknowledged records of ${video} were lost, and ${going} dispatchers run on`];
}
