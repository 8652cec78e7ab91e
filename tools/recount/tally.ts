import type { ScannedRow } from '../../adapters/row-scan';
import type { LoggedType } from '../../schemas/event-type';
import { spread } from '../../schemas/hash';
import { countsIn, isContested } from '../../schemas/recount';

/** Channels that are counted in one pass over the rows: some 100 MB. */
export const MAX_CHANNELS_PER_PASS = 200_000;

/** Contested entries of one pass that are published: some 10 MB. */
export const MAX_CONTESTED_PER_PASS = 100_000;

/** One of several passes: it counts the channels whose hash is `number`, modulo `of`. */
export interface Pass {
  readonly number: number;
  readonly of: number;
}

export interface TallyOptions {
  readonly type: LoggedType;
  readonly origin: string;
  readonly pass: Pass;
  readonly maxChannels?: number;
  readonly maxContested?: number;
}

/** A pass has more channels than fit into memory. */
export class TallyFull extends Error {}

/** Folds the rows of an origin into one state a channel, in any order. */
export class Tally {
  private readonly states = new Map<string, unknown>();
  /** By channel, the counted entries that a later datacenter has, too. */
  private readonly contested = new Map<string, string[]>();
  private contestedSize = 0;
  /** Rows that were read. */
  rows = 0;
  /** The number of contested entries above the limit, which are not kept. */
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

  /** Removes and returns the state of a channel; the empty one if no row counts. */
  take(channel: string): unknown {
    const state = this.states.get(channel) ?? this.options.type.policy.empty;
    this.states.delete(channel);
    return state;
  }

  /** Removes and returns the counted entries of a channel that a later datacenter has, too. */
  takeContested(channel: string): readonly string[] {
    const ids = this.contested.get(channel) ?? [];
    this.contested.delete(channel);
    return ids;
  }

  /** The channels with states that were not taken. */
  get channels(): Iterable<string> {
    return this.states.keys();
  }

  private addRow(row: ScannedRow): void {
    const { bodies, channel, id, withdrawn } = row;
    const { maxChannels = MAX_CHANNELS_PER_PASS, origin, type } = this.options;
    if (!bodies.has(origin) || !this.includes(channel)) return;
    const copies = { origins: bodies.keys(), withdrawn };
    if (!countsIn(origin, copies)) return;
    const { policy } = type;
    const before = this.states.get(channel) ?? policy.empty;
    // The state of a recounted type depends on ids and bodies, not on members, times or the order.
    const entry = { id, memberId: '', at: 0, body: bodies.get(origin) };
    this.states.set(channel, policy.fold(before, entry, 0));
    if (this.states.size > maxChannels) throw new TallyFull('too many channels for one pass');
    if (isContested(origin, { origins: bodies.keys(), withdrawn })) this.contest(row);
  }

  private contest({ channel, id }: ScannedRow): void {
    const { maxContested = MAX_CONTESTED_PER_PASS } = this.options;
    if (this.contestedSize >= maxContested) {
      this.contestedLeft += 1;
      return;
    }
    this.contestedSize += 1;
    const ids = this.contested.get(channel) ?? [];
    this.contested.set(channel, ids);
    ids.push(id);
  }
}
