import { KEY_PREFIX } from '../runtime/redis';
import { bucketOf } from '../schemas/digest';

/**
 * The names of the directory's and the cache's keys. Braces are the hash tag of Redis Cluster: all
 * keys of a bucket are on one node, so that one script may touch a channel and its watchers.
 *
 *   lease:ID               a worker's address, with an expiry
 *   held:{BUCKET}:ID       hash: what a worker watches in a bucket, CHANNEL -> its sum; '' -> all sums
 *   subs:{BUCKET}:CHANNEL  set: the ids of the workers that watch a channel
 *   state:{BUCKET}:CHANNEL hash: ORIGIN -> VERSION SUM STATE; '' -> the sum of all versions
 */
export const SUM_FIELD = '';

/** The lease of a worker. */
export function leaseKey(workerId: string): string {
  return `${KEY_PREFIX}lease:${workerId}`;
}

/** What a worker watches in a bucket. */
export function heldKey(bucket: number, workerId: string): string {
  return heldPrefix(bucket) + workerId;
}

/** The beginning of `heldKey`, the worker's id left out. */
export function heldPrefix(bucket: number): string {
  return `${KEY_PREFIX}held:{${bucket}}:`;
}

/** The beginning of `subsKey`, the channel left out. */
export function subsPrefix(bucket: number): string {
  return `${KEY_PREFIX}subs:{${bucket}}:`;
}

/** The beginning of `stateKey`, the channel left out. */
export function statePrefix(bucket: number): string {
  return `${KEY_PREFIX}state:{${bucket}}:`;
}

/** The workers that watch a channel. */
export function subsKey(channel: string): string {
  return subsPrefix(bucketOf(channel)) + channel;
}

/** The newest state of a channel. */
export function stateKey(channel: string): string {
  return statePrefix(bucketOf(channel)) + channel;
}
