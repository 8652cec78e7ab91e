import type { Report } from '../schemas/delivery';

/** What this worker contributes to leased feeds. */
export interface ReportSource {
  /** The names of the leased types of a channel; each join has a report of all of them. */
  typesOf(channel: string): readonly string[];
  /** The newest report of a feed; without a value if the worker has none. */
  reportOf(channel: string, type: string): Report;
  /** The feeds of a bucket of which the worker has values. */
  valuesIn(bucket: number): readonly { readonly channel: string; readonly type: string }[];
  /** Called when a dispatcher has accepted reports. */
  acknowledged(reports: readonly Report[]): void;
}

/** Contributes nothing. */
export const NO_REPORTS: ReportSource = {
  typesOf: () => [],
  reportOf: (channel, type) => ({ channel, type, number: 0, seen: 0 }),
  valuesIn: () => [],
  acknowledged: () => undefined,
};
