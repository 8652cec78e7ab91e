import type { LeasedFeed } from '../../adapters/contributions';
import type { ReceivedMoment } from '../../adapters/moments';
import { BoundedMap } from '../../runtime/bounded-map';
import type { Clock } from '../../runtime/clock';
import type { Report } from '../../schemas/delivery';
import { feedName } from '../../schemas/delivery';
import type { LeasedType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import type { LeasedFeeds } from '../leased/leased-feeds';
import { isOfKind } from './passing';

/** Feeds of peers whose last version is kept; the oldest are evicted. */
const MAX_SEEN = 100_000;

/** The reports of one call: few scripts of Redis in one batch. */
const REPORTS_PER_CALL = 200;

/**
 * Values come from all partitions and heartbeats from one, so the beat of a peer's value is not
 * known; this one is above that of each removal.
 */
const ANY_BEAT = Number.MAX_SAFE_INTEGER;

/** Dispatchers of a peer send versions of one feed in another order only within this time, ms. */
const REORDERED_MS = 5_000;

/** Reports that have failed and wait for the next call; the peer repeats others. */
const MAX_FAILED = 10_000;

/** The last value of a feed, or its absence. */
interface SeenValue extends Pick<ReceivedMoment, 'life' | 'version'> {
  /** When it came, on the monotonic clock, ms. */
  readonly at: number;
}

/** The contributor that another datacenter is. */
export function contributorOf(datacenter: string): string {
  return `dc:${datacenter}`;
}

export interface PeerReportsOptions {
  readonly types: Pick<EventTypes, 'leased'>;
  readonly leased: Pick<LeasedFeeds, 'report'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Reports the values of other datacenters as those of contributors. */
export class PeerReports {
  private readonly types: ReadonlyMap<string, LeasedType>;
  private readonly seen = new BoundedMap<string, SeenValue>(MAX_SEEN);
  /** By datacenter and feed, reports that have failed. */
  private readonly failed = new Map<string, Map<string, Report>>();

  constructor(private readonly options: PeerReportsOptions) {
    this.types = new Map(options.types.leased.map((type) => [type.name, type]));
  }

  /**
   * Reports the newest values of one datacenter. Rejects with `directory_unavailable`; then the
   * next call reports them, too.
   */
  async report(datacenter: string, received: readonly ReceivedMoment[]): Promise<void> {
    const newest = new Map(this.failed.get(datacenter));
    this.failed.delete(datacenter);
    for (const moment of received) {
      const report = this.reportOf(moment);
      if (report) newest.set(feedName(moment), report);
    }
    await this.send(datacenter, [...newest.values()]);
  }

  /** Whether the times of feeds whose values came lately may be forgotten. */
  get isForgetful(): boolean {
    return this.seen.size >= MAX_SEEN;
  }

  /** When the last value of a feed came, on the monotonic clock; -Infinity if that is not known. */
  heardAt(datacenter: string, feed: LeasedFeed): number {
    return this.seen.get(seenName(datacenter, feed))?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** Withdraws the values of feeds that are older than these positions; rejects as `report`. */
  async withdraw(
    datacenter: string,
    feeds: readonly (LeasedFeed & { readonly offset: number })[],
  ): Promise<void> {
    const reports = feeds.map(({ channel, offset, type }) => {
      return { channel, type, number: offset, seen: 0 };
    });
    await this.send(datacenter, reports);
  }

  private async send(datacenter: string, all: readonly Report[]): Promise<void> {
    for (let at = 0; at < all.length; at += REPORTS_PER_CALL) {
      const some = all.slice(at, at + REPORTS_PER_CALL);
      try {
        await this.options.leased.report(contributorOf(datacenter), ANY_BEAT, some);
      } catch (error) {
        this.keep(datacenter, all.slice(at));
        throw error;
      }
    }
  }

  /** Keeps failed reports, unless newer ones of their feeds have failed, too. */
  private keep(datacenter: string, reports: readonly Report[]): void {
    const failed = this.failed.get(datacenter) ?? new Map<string, Report>();
    this.failed.set(datacenter, failed);
    for (const report of reports) {
      const name = feedName(report);
      const other = failed.get(name);
      if (other ? other.number > report.number : failed.size >= MAX_FAILED) continue;
      failed.set(name, report);
    }
  }

  private reportOf(moment: ReceivedMoment): Report | undefined {
    const { channel, datacenter, life, offset, value, version } = moment;
    const type = this.types.get(moment.type);
    if (!type || version === undefined || !isOfKind(channel, type)) return undefined;
    const name = seenName(datacenter, moment);
    const last = this.seen.get(name);
    const at = this.options.clock.monotonic();
    // Several dispatchers of a peer send; within one life of a feed only the newest counts.
    const isLower = last?.life === life && version < (last?.version ?? 0);
    if (last && isLower && at - last.at < REORDERED_MS) return undefined;
    const report = { channel, type: type.name, number: offset, seen: 0 };
    if (value !== undefined && !type.policy.value.safeParse(value).success) return undefined;
    this.seen.set(name, { life, version, at });
    return value === undefined ? report : { ...report, value };
  }
}

function seenName(datacenter: string, feed: LeasedFeed): string {
  return `${datacenter}/${feedName(feed)}`;
}
