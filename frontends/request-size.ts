import type { Membership } from '../schemas/delivery';
import { MAX_REPORTS_PER_REQUEST } from './report-batch';

/** The most channels that one request joins, and the most that it leaves. */
export const MAX_CHANNELS_PER_REQUEST = 500;

/** A first request; its duration says whether the next may have more. */
const FIRST_CHANNELS = 100;

/** Any directory that answers at all joins so many in time. */
const MIN_CHANNELS = 8;

/** A request that took longer has too much: frontends wait for 2 s, dispatchers for 1 s. */
export const SLOW_MS = 500;

const GROWTH = 2;

/** A channel that is joined has about so many leased feeds, which are reported with it. */
const REPORTS_PER_CHANNEL = 4;

/**
 * How much a request may have. Each joined channel and each report costs the directory several
 * commands. If requests have more than it executes in time, each fails after it was executed in
 * part, is repeated, and no request ends: so the size is halved by a failed or slow request, and
 * doubled by one that was full and fast. Reports that wait are joined with newer ones of their
 * feed, so joins do not wait for all of them.
 */
export class RequestSize {
  private size = FIRST_CHANNELS;

  /** The most channels that a request joins, and the most that it leaves. */
  get channels(): number {
    return this.size;
  }

  get reports(): number {
    return Math.min(MAX_REPORTS_PER_REQUEST, REPORTS_PER_CHANNEL * this.size);
  }

  /** A request was answered after this time, ms. */
  answered({ join, reports }: Pick<Membership, 'join' | 'reports'>, ms: number): void {
    if (ms > SLOW_MS) this.failed();
    else if (ms * GROWTH <= SLOW_MS && this.isFull(join.length, reports?.length ?? 0)) {
      this.size = Math.min(MAX_CHANNELS_PER_REQUEST, this.size * GROWTH);
    }
  }

  /** A request was not answered. */
  failed(): void {
    this.size = Math.max(MIN_CHANNELS, Math.floor(this.size / GROWTH));
  }

  private isFull(joins: number, reports: number): boolean {
    return joins >= this.channels || reports >= this.reports;
  }
}
