import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedCache } from '../../adapters/embedded/state-cache';
import type { Lease } from '../../adapters/leases';
import type { EventTypes } from '../../schemas/event-types';
import { type Feeds, newest } from '../../schemas/state';
import { type ContributionsImage, ImagedContributions } from './imaged-contributions';
import { ALL_CHANNELS } from './people';

/** The embedded parts in place of one Redis. */
export interface RedisOptions {
  readonly cache: EmbeddedCache;
  readonly directory: EmbeddedDirectory;
  readonly leases: EmbeddedLeases;
  readonly contributions: ImagedContributions;
}

/** What a Redis of a datacenter needs. */
export interface RedisContext {
  readonly types: EventTypes;
  /** The origin of leased states, as in `dc1.0`. */
  readonly leasedOrigin: string;
  readonly newLife: () => string;
  /** Replaces the contributions, for planted bugs. */
  readonly Contributions?: typeof ImagedContributions | undefined;
}

/** A copy of all data of Redis at one moment; digests follow from the rest. */
export interface RedisImage {
  readonly leases: readonly Lease[];
  readonly states: ReadonlyMap<string, Feeds>;
  /** The channels of each worker. */
  readonly memberships: ReadonlyMap<string, readonly string[]>;
  readonly contributions: ContributionsImage;
}

/** Copies all data as it is at this call. */
export async function takeImage({
  cache,
  contributions,
  directory,
  leases,
}: RedisOptions): Promise<RedisImage> {
  const values = contributions.image();
  const reading = [
    leases.all(),
    cache.get(ALL_CHANNELS),
    directory.watchers(ALL_CHANNELS),
  ] as const;
  const [all, states, watchers] = await Promise.all(reading);
  const memberships = new Map<string, string[]>();
  for (const [at, ids] of watchers.entries()) {
    for (const id of ids) {
      memberships.set(id, [...(memberships.get(id) ?? []), ALL_CHANNELS[at] ?? '']);
    }
  }
  return { leases: all, states, memberships, contributions: values };
}

/** An empty Redis, or one with the data of a copy. */
export function redisOf(context: RedisContext, image?: RedisImage): RedisOptions {
  const { Contributions = ImagedContributions, leasedOrigin, newLife, types } = context;
  // Unlike the embedded part, Redis merges nothing: it keeps the newer state of an origin.
  const cache = new EmbeddedCache({ isOnStreams: types.isOnStreams, mergeOf: () => newest });
  const directory = new EmbeddedDirectory(cache);
  const leases = new EmbeddedLeases();
  const { holdings } = directory;
  const contributions = new Contributions({ cache, holdings, origin: leasedOrigin, newLife });
  if (image) {
    contributions.restore(image.contributions);
    void cache.put(image.states);
    for (const [id, channels] of image.memberships) void directory.change(id, channels, []);
    for (const { beat, worker } of image.leases) void leases.renew(worker, beat);
  }
  return { cache, contributions, directory, leases };
}
