import type { RowScan } from '../../adapters/row-scan';
import type { StateCache } from '../../adapters/state-cache';
import type { StateScan } from '../../adapters/state-scan';
import type { StateStore } from '../../adapters/state-store';
import type { Clock } from '../../runtime/clock';
import type { LoggedType } from '../../schemas/event-type';
import { partitionOf } from '../../schemas/partitions';
import type { Publication } from '../../schemas/peer-update';
import type { State, Vector, Versioned } from '../../schemas/state';
import { RecountSummary } from './summary';
import { type Pass, Tally, TallyFull } from './tally';

const CHANNELS_PER_BATCH = 500;
const BETWEEN_LINES_MS = 1_000;

export interface RecountOptions {
  readonly type: LoggedType;
  readonly origin: string;
  /** The recorded end of each partition of the type's log of this origin. */
  readonly ends: ReadonlyMap<number, number>;
  readonly rows: RowScan;
  readonly stateScan: StateScan;
  readonly states: StateStore;
  readonly cache: StateCache;
  /** Publishes corrected states and contested entries to other datacenters. */
  readonly publish: (publications: readonly Publication[]) => Promise<void>;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** Channels of one pass. */
  readonly maxChannels?: number;
  /** Contested entries of one pass that are published. */
  readonly maxContested?: number;
}

/** A channel whose rows were counted, with its saved state. */
interface Counted {
  readonly channel: string;
  readonly saved: Versioned | undefined;
  readonly state: unknown;
  /** The counted entries that a later datacenter has, too. */
  readonly contested: readonly string[];
}

/**
 * Counts the rows of one event type and one frozen origin, and replaces the saved states that
 * differ.
 */
export class RecountRun {
  readonly summary: RecountSummary;
  /** The number of rows that were read, also in repeated passes. */
  rowsRead = 0;
  /** The number of contested entries above the limit; another recount publishes them. */
  contestedLeft = 0;
  private saidAt: number;
  private readonly startedAt: number;

  constructor(private readonly options: RecountOptions) {
    this.summary = new RecountSummary(options.type.name);
    this.startedAt = options.clock.monotonic();
    this.saidAt = this.startedAt;
  }

  /** Recounts one channel. */
  async one(channel: string): Promise<void> {
    const tally = this.tally({ number: 0, of: 1 });
    await this.options.rows.scan((rows) => tally.add(rows), { channel });
    this.rowsRead += tally.rows;
    const { origin, states, type } = this.options;
    const all = await states.load([channel], type.name);
    const saved = all.find((state) => state.origin === origin);
    await this.correct([countedBy(tally, channel, saved)]);
    this.contestedLeft += tally.contestedLeft;
  }

  /** Recounts all channels, in as many passes over the rows as memory needs. */
  async all(): Promise<void> {
    const passes: Pass[] = [{ number: 0, of: 1 }];
    for (let pass = passes.pop(); pass; pass = passes.pop()) {
      const tally = await this.read(pass);
      if (!tally) {
        const { number, of } = pass;
        passes.push({ number, of: 2 * of }, { number: number + of, of: 2 * of });
        continue;
      }
      await this.correctSaved(tally);
      await this.correctUnsaved(tally);
      this.contestedLeft += tally.contestedLeft;
    }
  }

  private async read(pass: Pass): Promise<Tally | undefined> {
    const tally = this.tally(pass);
    const before = this.rowsRead;
    const progress = (share: number): void => this.sayProgress(share, pass);
    try {
      await this.options.rows.scan(
        (rows) => {
          tally.add(rows);
          this.rowsRead = before + tally.rows;
        },
        { progress },
      );
      return tally;
    } catch (error) {
      if (error instanceof TallyFull) return undefined;
      throw error;
    }
  }

  private async correctSaved(tally: Tally): Promise<void> {
    const { origin, stateScan, type } = this.options;
    await stateScan.scan(origin, async (states) => {
      const counted = states
        .filter((saved) => saved.type === type.name && tally.includes(saved.channel))
        .map((saved) => countedBy(tally, saved.channel, saved));
      await this.correct(counted);
    });
  }

  private async correctUnsaved(tally: Tally): Promise<void> {
    for (;;) {
      const batch: Counted[] = [];
      for (const channel of tally.channels) {
        batch.push(countedBy(tally, channel, undefined));
        if (batch.length === CHANNELS_PER_BATCH) break;
      }
      if (batch.length === 0) return;
      await this.correct(batch);
    }
  }

  private async correct(counted: readonly Counted[]): Promise<void> {
    if (counted.length === 0) return;
    const { cache, clock, origin, publish, states, type } = this.options;
    const cached = await cache.get(counted.map(({ channel }) => channel));
    const corrected = new Map<string, Vector>();
    const newest = new Map<string, Vector>();
    for (const each of counted) {
      const { channel, saved } = each;
      const inCache = cached.get(channel)?.[type.name]?.[origin];
      const state = this.correction(each, inCache);
      if (state) corrected.set(channel, { [origin]: state });
      else if (saved && inCache) newest.set(channel, { [origin]: versionedOf(saved) });
    }
    await states.save(this.statesOf(corrected));
    const put = [...newest, ...corrected];
    await cache.put(new Map(put.map(([channel, vector]) => [channel, { [type.name]: vector }])));
    await publish(publications(type.name, counted, corrected, clock.now()));
  }

  private statesOf(vectors: ReadonlyMap<string, Vector>): State[] {
    const { origin, type } = this.options;
    return [...vectors].flatMap(([channel, { [origin]: state }]) =>
      state ? [{ ...state, channel, type: type.name, origin }] : [],
    );
  }

  /** The state that replaces a wrong one; undefined if the saved and the cached one are right. */
  private correction(
    { channel, saved, state }: Counted,
    cached: Versioned | undefined,
  ): Versioned | undefined {
    const { ends, type } = this.options;
    const { policy } = type;
    const isOlder = (cached?.version ?? -1) < (saved?.version ?? -1);
    // Two owners may have saved and cached different states under one version.
    const isCacheRight =
      isOlder || (cached?.version === saved?.version && this.isRight(cached, state));
    const isRight = this.isRight(saved, state) && (cached === undefined || isCacheRight);
    const newest = isOlder ? saved : (cached ?? saved);
    const [before, after] = [this.viewOf(newest?.state ?? policy.empty), this.viewOf(state)];
    const totals = { before: policy.total(before), after: policy.total(after) };
    this.summary.note({ channel, ...totals, shown: policy.snapshot(after) }, !isRight);
    if (isRight) return undefined;
    // Viewers may have seen a state that was lost; its version was below the end of its partition.
    const end = saved ? 0 : (ends.get(partitionOf(channel, Math.max(1, ends.size))) ?? 0);
    const version = Math.max(newest?.version ?? -1, end - 1) + 1;
    return { ...(newest && versionedOf(newest)), version, state };
  }

  private isRight(known: Versioned | undefined, state: unknown): boolean {
    const { policy } = this.options.type;
    return policy.same(this.viewOf(known?.state ?? policy.empty), this.viewOf(state));
  }

  private viewOf(state: unknown): unknown {
    const { origin, type } = this.options;
    return type.policy.view({ [origin]: { version: 0, state } });
  }

  private tally(pass: Pass): Tally {
    return new Tally({ ...this.options, pass });
  }

  private sayProgress(share: number, { number, of }: Pass): void {
    const { clock, origin, say, type } = this.options;
    const now = clock.monotonic();
    if (now - this.saidAt < BETWEEN_LINES_MS) return;
    this.saidAt = now;
    const perSecond = Math.round((this.rowsRead * 1_000) / (now - this.startedAt));
    const pass = of > 1 ? `, pass ${number + 1} of ${of}` : '';
    const done = `${Math.round(share * 100)} %${pass}`;
    say(`${origin} ${type.name}: ${done}, ${this.rowsRead} rows, ${perSecond}/s`);
  }
}

function countedBy(tally: Tally, channel: string, saved: Versioned | undefined): Counted {
  return { channel, saved, state: tally.take(channel), contested: tally.takeContested(channel) };
}

/** A saved state without its names. */
function versionedOf({ lookUpUntil, state, version }: Versioned): Versioned {
  return { version, state, ...(lookUpUntil !== undefined && { lookUpUntil }) };
}

// A contested entry is published even if our state is right: its other copy may be counted, too.
function publications(
  type: string,
  counted: readonly Counted[],
  corrected: ReadonlyMap<string, Vector>,
  t: number,
): Publication[] {
  return counted
    .filter(({ channel, contested }) => corrected.has(channel) || contested.length > 0)
    .map(({ channel, contested }) => {
      const update = { channel, type, vector: corrected.get(channel) ?? {}, t };
      return { update, counted: contested };
    });
}
