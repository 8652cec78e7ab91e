import type { ReceivedMoment } from '../../adapters/moments';
import { BoundedMap } from '../../runtime/bounded-map';
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

/** The contributor that another datacenter is. */
export function contributorOf(datacenter: string): string {
  return `dc:${datacenter}`;
}

export interface PeerReportsOptions {
  readonly types: Pick<EventTypes, 'leased'>;
  readonly leased: Pick<LeasedFeeds, 'report'>;
}

/** Reports the values of other datacenters as those of contributors. */
export class PeerReports {
  private readonly types: ReadonlyMap<string, LeasedType>;
  private readonly seen = new BoundedMap<string, Pick<ReceivedMoment, 'life' | 'version'>>(
    MAX_SEEN,
  );

  constructor(private readonly options: PeerReportsOptions) {
    this.types = new Map(options.types.leased.map((type) => [type.name, type]));
  }

  /** Reports the newest values of one datacenter; rejects with `directory_unavailable`. */
  async report(datacenter: string, received: readonly ReceivedMoment[]): Promise<void> {
    const newest = new Map<string, Report>();
    for (const moment of received) {
      const report = this.reportOf(moment);
      if (report) newest.set(feedName(moment), report);
    }
    const all = [...newest.values()];
    for (let at = 0; at < all.length; at += REPORTS_PER_CALL) {
      const some = all.slice(at, at + REPORTS_PER_CALL);
      await this.options.leased.report(contributorOf(datacenter), ANY_BEAT, some);
    }
  }

  private reportOf(moment: ReceivedMoment): Report | undefined {
    const { channel, datacenter, life, offset, value, version } = moment;
    const type = this.types.get(moment.type);
    if (!type || version === undefined || !isOfKind(channel, type)) return undefined;
    const name = `${datacenter}/${feedName(moment)}`;
    const last = this.seen.get(name);
    // Several dispatchers of a peer send; within one life of a feed only the newest counts.
    if (last?.life === life && version < (last?.version ?? 0)) return undefined;
    const report = { channel, type: type.name, number: offset, seen: 0 };
    if (value !== undefined && !type.policy.value.safeParse(value).success) return undefined;
    this.seen.set(name, { life, version });
    return value === undefined ? report : { ...report, value };
  }
}
