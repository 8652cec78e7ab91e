import { bucketOf } from '../../schemas/digest';
import { KEY_PREFIX } from './client';

/**
 * The names of the directory's and the cache's keys. Braces are the hash tag of Redis Cluster: all
 * keys of a bucket are on one node, so that one script can access a channel and its watchers.
 *
 *   leases                 hash of all workers: ID -> BEAT URL
 *   held:{BUCKET}:ID       hash of a worker's channels: CHANNEL -> its sum; '' -> the total of all
 *   subs:{BUCKET}:CHANNEL  set: the ids of the workers that watch a channel
 *   state:{BUCKET}:CHANNEL hash: ORIGIN -> VERSION SUM STATE; '' -> the sum of all versions
 */
export const SUM_FIELD = '';

/** The leases of all workers. */
export const LEASES_KEY = `${KEY_PREFIX}leases`;

/** The channels that a worker watches in a bucket. */
export function heldKey(bucket: number, workerId: string): string {
  return heldPrefix(bucket) + workerId;
}

/** The prefix of `heldKey`: all but the worker's id. */
export function heldPrefix(bucket: number): string {
  return `${KEY_PREFIX}held:{${bucket}}:`;
}

/** The prefix of `subsKey`: all but the channel. */
export function subsPrefix(bucket: number): string {
  return `${KEY_PREFIX}subs:{${bucket}}:`;
}

/** The prefix of `stateKey`: all but the channel. */
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
