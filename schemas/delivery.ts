import { z } from 'zod';
import { spread } from './hash';
import { id } from './ids';
import { mergeVectors, type Vector, vector, versionsText } from './state';

/** What a channel has become, on its way to the frontends that hold viewers of it. */
export interface Update {
  readonly channel: string;
  readonly vector: Vector;
  /** When the oldest like that the receiver may not have seen was accepted, ms since the epoch. */
  readonly t: number;
}

/** Two updates of one channel as one: the newest of each origin, the oldest time. */
export function mergeUpdates(earlier: Update, later: Update): Update {
  const t = Math.min(earlier.t, later.t);
  return { channel: later.channel, vector: mergeVectors(earlier.vector, later.vector), t };
}

/** A frontend worker, as the directory knows it while its lease lasts. */
export interface Worker {
  readonly id: string;
  /** Where its delivery door is; empty when it is in this process. */
  readonly url: string;
}

const channel = z.string().max(100);
const bucket = z.int().nonnegative();
const worker = z.object({ id, url: z.string().max(300) });

/** Dispatcher to frontend. `to` is the worker meant: another one at the same address refuses it. */
export const delivery = z.object({
  to: id,
  updates: z.array(z.object({ channel, vector, t: z.int() })),
});
export type Delivery = z.infer<typeof delivery>;

/** Frontend to any dispatcher: I live, and this is what I hold. */
export const renewal = z.object({ worker, digest: z.array(z.int().nonnegative()) });
export type Renewal = z.infer<typeof renewal>;

/** The buckets in which the directory, or what it knows of the channels, differs. */
export const renewed = z.object({ unequal: z.array(bucket) });
export type Renewed = z.infer<typeof renewed>;

/**
 * Frontend to any dispatcher: what it begins and ends to watch. `join` is everything it watches in
 * each of `buckets`, so that whatever else the directory has there is dropped.
 */
export const membership = z.object({
  worker,
  join: z.array(channel),
  leave: z.array(channel),
  buckets: z.array(bucket),
});
export type Membership = z.infer<typeof membership>;

/** The state of each channel joined, read after the membership was written. */
export const joined = z.object({ states: z.array(z.object({ channel, vector })) });
export type Joined = z.infer<typeof joined>;

/** How many buckets a digest has: enough that one unequal channel lists few others. */
export const DIGEST_BUCKETS = 64;

/** The bucket of a channel. */
export function bucketOf(name: string): number {
  return spread(name) % DIGEST_BUCKETS;
}

/** A sum by bucket over channels and their versions: equal for equal holdings, in any order. */
export function digestOf(held: Iterable<readonly [string, Vector]>): number[] {
  const digest = new Array<number>(DIGEST_BUCKETS).fill(0);
  for (const [name, of] of held) {
    const at = bucketOf(name);
    digest[at] = ((digest[at] ?? 0) + spread(`${name}=${versionsText(of)}`)) >>> 0;
  }
  return digest;
}
