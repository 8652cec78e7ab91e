import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedCache } from '../../adapters/embedded/state-cache';
import type { Lease } from '../../adapters/leases';
import type { EventTypes } from '../../schemas/event-types';
import type { Feeds } from '../../schemas/state';
import { channelOf, VIDEOS } from './videos';

/** The embedded parts in place of one Redis. */
export interface RedisOptions {
  readonly cache: EmbeddedCache;
  readonly directory: EmbeddedDirectory;
  readonly leases: EmbeddedLeases;
}

/** A copy of all data of Redis at one moment; digests follow from the rest. */
export interface RedisImage {
  readonly leases: readonly Lease[];
  readonly states: ReadonlyMap<string, Feeds>;
  /** The channels of each worker. */
  readonly memberships: ReadonlyMap<string, readonly string[]>;
}

const CHANNELS = VIDEOS.map(channelOf);

/** Copies all data as it is at this call. */
export async function takeImage({ cache, directory, leases }: RedisOptions): Promise<RedisImage> {
  const reading = [leases.all(), cache.get(CHANNELS), directory.watchers(CHANNELS)] as const;
  const [all, states, watchers] = await Promise.all(reading);
  const memberships = new Map<string, string[]>();
  for (const [at, ids] of watchers.entries()) {
    for (const id of ids) {
      memberships.set(id, [...(memberships.get(id) ?? []), CHANNELS[at] ?? '']);
    }
  }
  return { leases: all, states, memberships };
}

/** An empty Redis, or one with the data of a copy. */
export function redisOf(types: EventTypes, image?: RedisImage): RedisOptions {
  const cache = new EmbeddedCache(types);
  const directory = new EmbeddedDirectory(cache);
  const leases = new EmbeddedLeases();
  if (image) {
    void cache.put(image.states);
    for (const [id, channels] of image.memberships) void directory.change(id, channels, []);
    for (const { beat, worker } of image.leases) void leases.renew(worker, beat);
  }
  return { cache, directory, leases };
}
