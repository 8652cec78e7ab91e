import { z } from 'zod';
import type { EventTypes } from './event-types';
import { id } from './ids';
import { channel, report, type } from './report';
import { feeds, mergeVectors, type Vector, vector } from './state';

export { bucketOf, DIGEST_BUCKETS, digestOf } from './digest';
export type { Report } from './report';

/** The largest delivery, request or answer between services, bytes. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** The size of a part of a message as JSON, bytes. */
export function jsonBytes(part: object): number {
  return Buffer.byteLength(JSON.stringify(part));
}

/** The new states of one feed of a channel, on their way to the frontends that watch it. */
export interface Update {
  readonly channel: string;
  /** The name of the event type. */
  readonly type: string;
  /** States, or deltas of them (`LoggedPolicy.delta`). */
  readonly vector: Vector;
  /** The time of the oldest entry that the receiver may not have seen, ms since the epoch. */
  readonly t: number;
  /** The whole states for the cache, if `vector` has deltas; no message carries them. */
  readonly whole?: Vector | undefined;
}

/** The name of an update's feed, unique among all channels. */
export function feedName({ channel, type }: Pick<Update, 'channel' | 'type'>): string {
  return `${channel}/${type}`;
}

/** Merges two updates of one feed: what is newer of each origin, and the oldest time. */
export function mergeUpdates(types: EventTypes, earlier: Update, later: Update): Update {
  const { channel, type } = later;
  const t = Math.min(earlier.t, later.t);
  const merge = types.mergeOf(type);
  const merged = mergeVectors(merge, earlier.vector, later.vector);
  if (!earlier.whole && !later.whole) return { channel, type, vector: merged, t };
  const whole = mergeVectors(merge, wholeOf(earlier), wholeOf(later));
  return { channel, type, vector: merged, t, whole };
}

/** Without `whole`, the vector itself has whole states. */
function wholeOf({ vector: given, whole }: Update): Vector {
  return whole ?? given;
}

/** The time between two renewals of a lease. */
export const RENEW_MS = 1_500;

/** A process with a lease: one that holds viewers, or a dispatcher. */
export interface Worker {
  readonly id: string;
  /** The address of its server for deliveries; empty if it is in this process. */
  readonly url: string;
}

const bucket = z.int().nonnegative();
const worker = z.object({ id, url: z.string().max(300) });

/** Dispatcher to frontend. `to` is the worker; another one at the same address refuses it. */
export const delivery = z.object({
  to: id,
  updates: z.array(z.object({ channel, type, vector, t: z.int() })),
});
export type Delivery = z.infer<typeof delivery>;

/**
 * Frontend to any dispatcher: renews the worker's lease, and carries the digest of the channels it
 * holds. `turn` counts its renewals and is the beat of the lease; each renewal checks and keeps a
 * few buckets, in rotation.
 */
export const renewal = z.object({
  worker,
  digest: z.array(z.int().nonnegative()),
  turn: z.int().nonnegative(),
});
export type Renewal = z.infer<typeof renewal>;

/** The buckets whose channels or versions in the directory are not those of the worker. */
export const renewed = z.object({ unequal: z.array(bucket) });
export type Renewed = z.infer<typeof renewed>;

/**
 * Frontend to any dispatcher: the channels that the worker joins and leaves, and its new values of
 * leased feeds. In each of `buckets` the directory drops all channels that are not in `join`, and
 * all values that are not in `reports`. If a bucket is too large for one request, the next requests
 * have the rest of it. `turn` is that of the worker's last renewal.
 */
export const membership = z.object({
  worker,
  turn: z.int().nonnegative().default(0),
  join: z.array(channel),
  leave: z.array(channel),
  buckets: z.array(bucket),
  reports: z.array(report).default([]),
});
export type Membership = z.infer<typeof membership>;

/**
 * The states of the joined channels, read after the membership was written. `left` names the
 * channels whose states did not fit or could not be read; the frontend joins them again. `isHeld`:
 * what was reported may not be published yet; the frontend reports it again later.
 */
export const joined = z.object({
  states: z.array(z.object({ channel, feeds })),
  left: z.array(channel).optional(),
  isHeld: z.boolean().optional(),
});
export type Joined = z.infer<typeof joined>;
