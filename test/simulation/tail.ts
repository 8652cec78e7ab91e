import type { LoggedType } from '../../schemas/event-type';
import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { killAll, reviveAll, reviveProducers } from './process-faults';
import { simulatedPartitionOf, TYPES, topicOf } from './types';
import { channelOf, VIDEOS } from './videos';
import type { World } from './world';

const MAX_LOST = 20;
const ENTRIES_AFTER_MS = 1_000;

/** The types of entries of a video. */
const VIDEO_TYPES = TYPES.logged.filter(({ channelKind }) => channelKind === 'video');

/** The dispatchers own the partition in turn; each waits for the end of the session before. */
const REFUSAL_MS = 30_000;

/**
 * At rest, removes the last counted records of a partition from a type's log; then every dispatcher
 * must end. Before they start, posts fewer entries than were lost: if a log has grown beyond its
 * old end, only Kafka's source finds the loss, by the mark that it commits. In half of the runs the
 * newest positions are lost, too, so that only the saved states show it. Returns the violations.
 */
export async function loseTail(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const random = all.random.fork();
  const world = random.pick(all.worlds);
  const video = random.pick(VIDEOS);
  const type = random.pick(VIDEO_TYPES);
  const topic = topicOf(type.name);
  const partition = simulatedPartitionOf(channelOf(video));
  killAll(world);
  const lost = world.servers.loseTail(topic, partition, 1 + random.below(MAX_LOST));
  if (lost === 0) return [];
  const losesCommits = random.once(2);
  if (losesCommits) world.servers.loseCommits(topic, partition);
  const counted = losesCommits ? await lostCounts(world, type, video) : lost - 1;
  if (counted < 0) return [];
  reviveProducers(world);
  const posted = losesCommits ? 1 + random.below(counted) : random.below(counted + 1);
  for (let left = posted; left > 0; left--) crowd.enter(type.name, video, world);
  await all.clock.advance(ENTRIES_AFTER_MS);
  reviveAll(world);
  await all.clock.advance(REFUSAL_MS);
  const going = world.dispatchers.filter(({ process }) => process.alive).length;
  if (going === 0) return [];
  const records = `${lost} acknowledged records of ${type.name} of ${video}`;
  return [`${records} were lost, and ${going} dispatchers run on`];
}

/**
 * How many records may be appended so that the saved state of the video is still ahead of the log;
 * -1 if the video has lost nothing. An entry of it is needed: its state is loaded then.
 */
async function lostCounts(world: World, type: LoggedType, video: string): Promise<number> {
  const { log, states } = world.servers;
  const channel = channelOf(video);
  const end = log.end(topicOf(type.name), simulatedPartitionOf(channel)) ?? 0;
  const all = await states.load([channel], type.name);
  const own = all.find(({ origin }) => origin === world.origin);
  const ahead = (own?.version ?? -1) - end;
  return ahead > 0 ? ahead : -1;
}
