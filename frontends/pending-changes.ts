import { bucketOf, type Membership } from '../schemas/delivery';
import { type Feed, Reports, sizedReport } from './report-batch';
import type { ReportSource } from './report-source';
import type { RequestSize } from './request-size';

/** Reports that are larger are not made before those of their whole bucket, bytes. */
export const MAX_EARLY_REPORT_BYTES = 1_024;

/** The parts of a request that say what has changed. */
export type Change = Pick<Membership, 'join' | 'leave' | 'buckets' | 'reports'>;

/** What the directory lacks of a worker's memberships and values: it is sent in requests. */
export class PendingChanges {
  private readonly joining = new Set<string>();
  private readonly leaving = new Set<string>();
  /** Buckets whose channels must all be joined, and whose values must all be reported again. */
  private readonly unequal = new Set<number>();
  /** The unequal buckets that were not so at the last request. */
  private readonly found = new Set<number>();
  /** Values of unequal buckets that are reported before the first of these is joined again. */
  private readonly early = new Map<string, Feed>();
  /** The feeds that must be reported, by `feedKey`. */
  private readonly reporting = new Map<string, Feed>();

  constructor(
    private readonly source: ReportSource,
    /** The channels held in a bucket. */
    private readonly inBucket: (bucket: number) => readonly string[],
    /** How much a request may have; a whole bucket has all of its reports. */
    private readonly most: Pick<RequestSize, 'channels' | 'reports'>,
  ) {}

  get isEmpty(): boolean {
    return !this.hasMemberships && this.reporting.size === 0;
  }

  /** Whether it has more than reports. */
  get hasMemberships(): boolean {
    return this.joining.size + this.leaving.size + this.unequal.size > 0;
  }

  /** The buckets of all changes, those of a request in flight included. */
  buckets(inFlight: Change | undefined): ReadonlySet<number> {
    const all = new Set([...this.unequal, ...(inFlight?.buckets ?? [])]);
    const { join = [], leave = [], reports = [] } = inFlight ?? {};
    for (const channels of [this.joining, this.leaving, join, leave]) {
      for (const channel of channels) all.add(bucketOf(channel));
    }
    for (const feeds of [this.reporting.values(), reports]) {
      for (const { channel } of feeds) all.add(bucketOf(channel));
    }
    return all;
  }

  /** Joins a channel that was not held. */
  join(channel: string): void {
    this.joining.add(channel);
    this.reportAll(channel);
  }

  /** Joins a held channel again, unless it was left in the meantime. */
  joinAgain(channel: string): void {
    if (!this.leaving.has(channel)) this.joining.add(channel);
  }

  /**
   * Joins a channel again that an answer left out, and reports its feeds again: a dispatcher that
   * held their states back may have died before it published them.
   */
  joinLeft(channel: string): void {
    this.joinAgain(channel);
    if (this.joining.has(channel)) this.reportAll(channel);
  }

  /** Keeps a channel, which may have been left before. */
  keep(channel: string): void {
    this.leaving.delete(channel);
  }

  leave(channel: string): void {
    this.joining.delete(channel);
    this.leaving.add(channel);
  }

  /** Reports a feed, with the value that it has when the request is made. */
  report(channel: string, type: string): void {
    this.reporting.set(feedKey({ channel, type }), { channel, type });
  }

  /** Joins all channels, and reports all values, of a bucket again. */
  repeat(bucket: number): void {
    if (!this.unequal.has(bucket)) this.found.add(bucket);
    this.unequal.add(bucket);
  }

  /** Forgets all but the reports. */
  keepReports(): void {
    this.joining.clear();
    this.leaving.clear();
    this.unequal.clear();
    this.found.clear();
    this.early.clear();
  }

  /** Removes and returns the changes of the next request. */
  next(): Change {
    return this.valuesFirst() ?? this.changes();
  }

  /**
   * The values of unequal buckets that do not fit in one request. Joins cost much more: if Redis
   * has lost all, dispatchers soon publish what was reported, and must have the values of all
   * workers.
   */
  private valuesFirst(): Change | undefined {
    if (this.found.size > 0 && !this.fits()) {
      for (const bucket of this.found) {
        for (const feed of this.source.valuesIn(bucket)) this.early.set(feedKey(feed), feed);
      }
    }
    this.found.clear();
    const reports = new Reports();
    for (const [key, feed] of this.early) {
      if (reports.all.length >= this.most.reports) break;
      const sized = sizedReport(this.source, feed);
      if (sized.bytes <= MAX_EARLY_REPORT_BYTES && !reports.add(sized)) break;
      this.early.delete(key);
    }
    if (reports.all.length === 0) return undefined;
    return { join: [], leave: [], buckets: [], reports: reports.all };
  }

  /** Whether one request joins all channels of the unequal buckets. */
  private fits(): boolean {
    let channels = 0;
    for (const bucket of this.unequal) channels += this.inBucket(bucket).length;
    return channels <= this.most.channels;
  }

  private changes(): Change {
    const most = this.most.channels;
    const join = new Set<string>();
    const reports = new Reports();
    const buckets: number[] = [];
    for (const bucket of this.unequal) {
      const channels = this.inBucket(bucket);
      if (join.size > 0 && join.size + channels.length > most) break;
      this.unequal.delete(bucket);
      buckets.push(bucket);
      for (const channel of channels) {
        this.joining.delete(channel);
        // If a bucket is too large for one request, the next requests join its other channels.
        if (join.size < most) join.add(channel);
        else this.joining.add(channel);
      }
      this.addReportsOf(bucket, channels, reports);
    }
    move(this.joining, join, most);
    const leave = new Set<string>();
    move(this.leaving, leave, most);
    // Those of joined channels come first: the answer then has the states with these values.
    for (const channel of join) {
      for (const type of this.source.typesOf(channel)) this.moveReport({ channel, type }, reports);
    }
    for (const feed of this.reporting.values()) {
      if (reports.isFull || reports.all.length >= this.most.reports) break;
      this.moveReport(feed, reports);
    }
    return { join: [...join], leave: [...leave], buckets, reports: reports.all };
  }

  /** Puts the changes of a failed request back; what has changed since is kept. */
  restore({ buckets, join, leave, reports }: Change): void {
    for (const channel of join) this.joinAgain(channel);
    for (const channel of leave) if (!this.joining.has(channel)) this.leaving.add(channel);
    for (const bucket of buckets) this.unequal.add(bucket);
    for (const { channel, type } of reports) this.report(channel, type);
  }

  /**
   * Adds the reports of a whole bucket, the smallest first. The directory drops values that are not
   * among them; those that do not fit follow in the next requests.
   */
  private addReportsOf(bucket: number, channels: readonly string[], reports: Reports): void {
    const feeds = new Map<string, Feed>();
    for (const channel of channels) {
      for (const type of this.source.typesOf(channel)) {
        feeds.set(feedKey({ channel, type }), { channel, type });
      }
    }
    for (const feed of this.source.valuesIn(bucket)) feeds.set(feedKey(feed), feed);
    const sized = [...feeds.values()].map((feed) => sizedReport(this.source, feed));
    for (const report of sized.sort((one, other) => one.bytes - other.bytes)) {
      const { channel, type } = report.report;
      this.reporting.delete(feedKey({ channel, type }));
      if (!reports.add(report)) this.report(channel, type);
    }
  }

  private reportAll(channel: string): void {
    for (const type of this.source.typesOf(channel)) this.report(channel, type);
  }

  private moveReport(feed: Feed, reports: Reports): void {
    const key = feedKey(feed);
    if (reports.isFull) return;
    if (this.reporting.has(key) && reports.add(sizedReport(this.source, feed))) {
      this.reporting.delete(key);
    }
  }
}

function feedKey({ channel, type }: Feed): string {
  return `${type}=${channel}`;
}

/** Moves channels until the other set has `most`. */
function move(from: Set<string>, to: Set<string>, most: number): void {
  for (const channel of from) {
    if (to.size >= most) return;
    from.delete(channel);
    to.add(channel);
  }
}
