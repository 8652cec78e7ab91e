import type { ScannedRow } from '../../adapters/row-scan';
import { spread } from '../../schemas/hash';
import type { Counts } from '../../schemas/policies/counter';
import { countsIn } from '../../schemas/recount';

/** Channels that are counted in one pass over the rows: some 100 MB. */
export const MAX_CHANNELS_PER_PASS = 200_000;

/** One of several passes: it counts the channels whose hash is `number`, modulo `of`. */
export interface Pass {
  readonly number: number;
  readonly of: number;
}

export interface TallyOptions {
  readonly origin: string;
  readonly isLive: (origin: string) => boolean;
  readonly pass: Pass;
  readonly maxChannels?: number;
}

/** A pass has more channels than fit into memory. */
export class TallyFull extends Error {}

/** Counts the rows of an origin by channel and reaction. */
export class Tally {
  private readonly counts = new Map<string, Record<string, number>>();
  /** Rows that were read. */
  rows = 0;

  constructor(private readonly options: TallyOptions) {}

  /** Throws `TallyFull` if these rows have too many channels. */
  add(rows: readonly ScannedRow[]): void {
    this.rows += rows.length;
    for (const row of rows) this.addRow(row);
  }

  /** Whether this pass counts a channel. */
  includes(channel: string): boolean {
    const { number, of } = this.options.pass;
    return spread(channel) % of === number;
  }

  /** Removes and returns the counts of a channel; none if no row counts. */
  take(channel: string): Counts {
    const counts = this.counts.get(channel) ?? {};
    this.counts.delete(channel);
    return counts;
  }

  /** The channels with counts that were not taken. */
  get channels(): Iterable<string> {
    return this.counts.keys();
  }

  private addRow({ bodies, channel, withdrawn }: ScannedRow): void {
    const { isLive, maxChannels = MAX_CHANNELS_PER_PASS, origin } = this.options;
    const body = bodies.get(origin);
    if (!body || !this.includes(channel)) return;
    if (!countsIn(origin, { origins: bodies.keys(), withdrawn }, isLive)) return;
    const counts = this.counts.get(channel) ?? {};
    counts[body.reaction] = (counts[body.reaction] ?? 0) + 1;
    this.counts.set(channel, counts);
    if (this.counts.size > maxChannels) throw new TallyFull('too many channels for one pass');
  }
}
