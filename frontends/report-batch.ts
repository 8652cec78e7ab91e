import { jsonBytes, MAX_MESSAGE_BYTES, type Report } from '../schemas/delivery';
import type { ReportSource } from './report-source';

/** The most reports of one request. */
export const MAX_REPORTS_PER_REQUEST = 2_000;

/** The most bytes of a request's reports; the rest is for the names of channels. */
export const MAX_REPORTS_BYTES = MAX_MESSAGE_BYTES / 2;

/** A leased feed. */
export interface Feed {
  readonly channel: string;
  /** The name of the event type. */
  readonly type: string;
}

interface SizedReport {
  readonly report: Report;
  readonly bytes: number;
}

/** The reports of one request, within its limits. */
export class Reports {
  readonly all: Report[] = [];
  private bytes = 0;
  private hasRefused = false;

  /** After the first report that did not fit, the others wait, too: none is built in vain. */
  get isFull(): boolean {
    return this.hasRefused || this.all.length >= MAX_REPORTS_PER_REQUEST;
  }

  /** Returns false if the report does not fit. */
  add({ bytes, report }: SizedReport): boolean {
    if (this.bytes > 0 && this.bytes + bytes > MAX_REPORTS_BYTES) this.hasRefused = true;
    if (this.isFull) return false;
    this.all.push(report);
    this.bytes += bytes;
    return true;
  }
}

/** The newest report of a feed, with its size as JSON. */
export function sizedReport(source: ReportSource, { channel, type }: Feed): SizedReport {
  const report = source.reportOf(channel, type);
  return { report, bytes: jsonBytes(report) };
}
