import type { Report } from '../schemas/delivery';
import type { Versioned } from '../schemas/state';

/** The name of a leased feed. */
export interface LeasedFeed {
  readonly channel: string;
  /** The name of the event type. */
  readonly type: string;
}

/** A leased feed: the values of all contributors, and the version of the state of these values. */
export interface Contributed extends LeasedFeed {
  /** No other values of the feed have this version. */
  readonly version: number;
  /** The values by contributor: the ids of workers, and `dc:NAME` of other datacenters. */
  readonly values: ReadonlyMap<string, unknown>;
  /** The cached state of the feed; undefined if there is none. */
  readonly before: Versioned | undefined;
  /** Made when the feed got its first version, so that versions of two lives are not compared. */
  readonly life: string;
  /** Whether the feed had no version: a saved state may have a greater one. */
  readonly isNew: boolean;
  /**
   * Whether the directory lacked a feed although its reporter has seen a version, and all else that
   * the reporter holds in the bucket: then it has lost the values of others, too. It may be true
   * for some seconds after that, for all feeds of the bucket.
   */
  readonly isLost: boolean;
}

/**
 * What contributors have of leased feeds, in the directory. A contributor's values are a part of
 * its holdings: its digest (`Directory.digest`) has their sums. All methods reject with
 * `directory_unavailable`.
 */
export interface Contributions {
  /**
   * Writes reports of a contributor. Ignored are those whose number is not greater than that of the
   * present value, and all if the contributor was removed at this beat or a later one. Resolves
   * with the feeds that have changed, whose version is smaller than `seen`, or whose version is not
   * cached. In each of `buckets`, values that are not in the reports are dropped.
   */
  report(
    contributor: string,
    beat: number,
    reports: readonly Report[],
    buckets?: readonly number[],
  ): Promise<readonly Contributed[]>;
  /**
   * Drops values that a lost contributor has of these types in a bucket, and refuses its reports of
   * this bucket up to this beat. Resolves with the feeds that have changed, at most `MAX_REMOVED`;
   * then with those whose versions are not cached, in case that the caller has failed before it
   * published them. Call it again until it resolves with none.
   */
  remove(
    contributor: string,
    beat: number,
    types: readonly string[],
    bucket: number,
  ): Promise<readonly Contributed[]>;
  /** The feeds of a contributor's values in these buckets. */
  held(contributor: string, buckets: readonly number[]): Promise<readonly LeasedFeed[]>;
  /**
   * The feeds as they are. A feed with `above` gets a new version if the one it has is not greater,
   * or is cached already: perhaps as that of other values, from before Redis began anew.
   */
  read(
    feeds: readonly (LeasedFeed & { readonly above?: number | undefined })[],
  ): Promise<readonly Contributed[]>;
}
