import { bucketOf } from '../../schemas/digest';
import type { Names } from '../../schemas/names';

/** The field of `held` and `state` with the sum of the others. */
export const SUM_FIELD = '';

/** A leased feed, as a field of `held` and in the name of `leased`: `TYPE=CHANNEL`. */
export function leasedName({ channel, type }: { channel: string; type: string }): string {
  return `${type}=${channel}`;
}

/**
 * The names of the directory's and the cache's keys, all with the namespace's prefix. Braces are
 * the hash tag of Redis Cluster: all keys of a bucket are on one node, so that one script can
 * access a channel and its watchers.
 *
 *   leases                 hash of all workers: ID -> BEAT CODE URL
 *   held:{BUCKET}:ID       hash of a worker's channels, CHANNEL -> its sum, and of its values of
 *                          leased feeds, TYPE=CHANNEL -> its sum; '' -> the total of all sums;
 *                          '!' -> the beat at which the worker was removed: no earlier report of
 *                          it is accepted
 *   subs:{BUCKET}:CHANNEL  set: the ids of the workers that watch a channel
 *   state:{BUCKET}:CHANNEL hash: TYPE/ORIGIN -> VERSION SUM CODE STATE; '' -> the sum of all
 *                          versions
 *   leased:{BUCKET}:TYPE=CHANNEL hash of a leased feed: ID -> NUMBER SUM VALUE of each
 *                          contributor; '' -> VERSION LIFE
 *   leased:{BUCKET}:!      exists for some seconds after feeds of the bucket were found to be lost
 *   none:{BUCKET}          never exists. While a Cluster moves a bucket to another node, the nodes
 *                          refuse a script with several keys of which one does not exist. So no
 *                          script sees, or changes, a part of a bucket
 *   cooldown:NAME          the holder of a cooldown, until it expires (`cooldowns.ts`)
 *   rate:{PART}:KEY        what was used of a limit, and when, until it has come back
 *   rights                 exists only within the script that checks the rights
 */
export class Keys {
  constructor(private readonly names: Pick<Names, 'keyPrefix'>) {}

  /** The leases of all workers. */
  get leases(): string {
    return `${this.names.keyPrefix}leases`;
  }

  /** The key for the check of rights. */
  get rights(): string {
    return `${this.names.keyPrefix}rights`;
  }

  /** A cooldown. */
  cooldown(name: string): string {
    return `${this.names.keyPrefix}cooldown:${name}`;
  }

  /** What was used of a limit (`rate-levels.ts`). */
  rate(part: number, key: string): string {
    return `${this.names.keyPrefix}rate:{${part}}:${key}`;
  }

  /** The key of a bucket that never exists: each script that changes a bucket names it. */
  none(bucket: number): string {
    return `${this.names.keyPrefix}none:{${bucket}}`;
  }

  /** The channels that a worker watches in a bucket. */
  held(bucket: number, workerId: string): string {
    return this.heldPrefix(bucket) + workerId;
  }

  /** The prefix of `held`: all but the worker's id. */
  heldPrefix(bucket: number): string {
    return `${this.names.keyPrefix}held:{${bucket}}:`;
  }

  /** The workers that watch a channel. */
  subs(channel: string): string {
    return this.subsPrefix(bucketOf(channel)) + channel;
  }

  /** The prefix of `subs`: all but the channel. */
  subsPrefix(bucket: number): string {
    return `${this.names.keyPrefix}subs:{${bucket}}:`;
  }

  /** The newest states of a channel. */
  state(channel: string): string {
    return this.statePrefix(bucketOf(channel)) + channel;
  }

  /** The prefix of `state`: all but the channel. */
  statePrefix(bucket: number): string {
    return `${this.names.keyPrefix}state:{${bucket}}:`;
  }

  /** The contributors' values of a leased feed. */
  leased(feed: { channel: string; type: string }): string {
    return this.leasedPrefix(bucketOf(feed.channel)) + leasedName(feed);
  }

  /** The prefix of `leased`: all but the feed. */
  leasedPrefix(bucket: number): string {
    return `${this.names.keyPrefix}leased:{${bucket}}:`;
  }
}
