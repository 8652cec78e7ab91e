import type { Report } from '../schemas/delivery';
import type { Versioned } from '../schemas/state';

/** A leased feed after a change: the values of all contributors, and a new version of its state. */
export interface Contributed {
  readonly channel: string;
  readonly type: string;
  /** The version for the state of these values. No other change has it. */
  readonly version: number;
  /** The values by contributor: the ids of workers, and `dc:NAME` of other datacenters. */
  readonly values: ReadonlyMap<string, unknown>;
  /** The cached state of the feed; undefined if there is none. */
  readonly before: Versioned | undefined;
  /** Made when the feed got its first version, so that versions of two lives are not compared. */
  readonly life: string;
  /** Whether the feed had no version: a saved state may have a greater one. */
  readonly isNew: boolean;
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
   * with the feeds that have changed, or whose version was not greater than `seen`. In each of
   * `buckets`, values that are not in the reports are dropped.
   */
  report(
    contributor: string,
    beat: number,
    reports: readonly Report[],
    buckets?: readonly number[],
  ): Promise<readonly Contributed[]>;
  /**
   * Drops the values that a lost contributor has of these types, and refuses its reports up to this
   * beat. Resolves with the feeds that have changed; call it again until it resolves with none.
   */
  remove(
    contributor: string,
    beat: number,
    types: readonly string[],
  ): Promise<readonly Contributed[]>;
  /** The channels and types of a contributor's values in these buckets, to repeat them. */
  held(
    contributor: string,
    buckets: readonly number[],
  ): Promise<readonly { readonly channel: string; readonly type: string }[]>;
}
