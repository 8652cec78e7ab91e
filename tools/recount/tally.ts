import type { ScannedRow } from '../../adapters/row-scan';
import { spread } from '../../schemas/hash';
import type { Counts } from '../../schemas/policies/counter';
import { countsIn, isContested } from '../../schemas/recount';

/** Channels that are counted in one pass over the rows: some 100 MB. */
export const MAX_CHANNELS_PER_PASS = 200_000;

/** Contested likes of one pass that are published: some 10 MB. */
export const MAX_CONTESTED_PER_PASS = 100_000;

/** One of several passes: it counts the channels whose hash is `number`, modulo `of`. */
export interface Pass {
  readonly number: number;
  readonly of: number;
}

export interface TallyOptions {
  readonly origin: string;
  readonly pass: Pass;
  readonly maxChannels?: number;
  readonly maxContested?: number;
}

/** A pass has more channels than fit into memory. */
export class TallyFull extends Error {}

/** Counts the rows of an origin by channel and reaction. */
export class Tally {
  private readonly counts = new Map<string, Record<string, number>>();
  /** By channel, the counted likes that a later datacenter has, too. */
  private readonly contested = new Map<string, string[]>();
  private contestedSize = 0;
  /** Rows that were read. */
  rows = 0;
  /** The number of contested likes above the limit, which are not kept. */
  contestedLeft = 0;

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

  /** Removes and returns the counted likes of a channel that a later datacenter has, too. */
  takeContested(channel: string): readonly string[] {
    const likeIds = this.contested.get(channel) ?? [];
    this.contested.delete(channel);
    return likeIds;
  }

  /** The channels with counts that were not taken. */
  get channels(): Iterable<string> {
    return this.counts.keys();
  }

  private addRow(row: ScannedRow): void {
    const { bodies, channel, withdrawn } = row;
    const { maxChannels = MAX_CHANNELS_PER_PASS, origin } = this.options;
    const body = bodies.get(origin);
    if (!body || !this.includes(channel)) return;
    const copies = { origins: bodies.keys(), withdrawn };
    if (!countsIn(origin, copies)) return;
    const counts = this.counts.get(channel) ?? {};
    counts[body.reaction] = (counts[body.reaction] ?? 0) + 1;
    this.counts.set(channel, counts);
    if (this.counts.size > maxChannels) throw new TallyFull('too many channels for one pass');
    if (isContested(origin, { origins: bodies.keys(), withdrawn })) this.contest(row);
  }

  private contest({ channel, likeId }: ScannedRow): void {
    const { maxContested = MAX_CONTESTED_PER_PASS } = this.options;
    if (this.contestedSize >= maxContested) {
      this.contestedLeft += 1;
      return;
    }
    this.contestedSize += 1;
    const likeIds = this.contested.get(channel) ?? [];
    this.contested.set(channel, likeIds);
    likeIds.push(likeId);
  }
}
