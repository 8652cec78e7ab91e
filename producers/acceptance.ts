import type { EventLog } from '../adapters/event-log';
import type { FoundEntry, RowStore } from '../adapters/row-store';
import type { Clock } from '../runtime/clock';
import type { Entropy } from '../runtime/entropy';
import { channelOf } from '../schemas/channels';
import type { DedupeWindow } from '../schemas/dedupe-window';
import { LikestreamError } from '../schemas/errors';
import type { Entry, EventType } from '../schemas/event-type';
import { type Measures, UNMEASURED } from '../schemas/measures';
import { timeIn } from '../schemas/record';
import type { AppendSequence } from './append-sequence';
import { EntryWriter } from './entry-writer';
import type { RecentIds } from './recent-ids';
import { StoreAvailability } from './store-availability';

/** An entry of a request. */
export interface NewEntry {
  /** The producer makes one if it is not given. Not read if the type's ids are the members'. */
  readonly id?: string | undefined;
  /** A body of the type's shape. */
  readonly body: unknown;
}

/** An entry in the answer, with its place in the log. */
export interface AcceptResult {
  readonly entry: FoundEntry;
  /** False if its id was accepted before; then `entry` is the first one. */
  readonly isNew: boolean;
}

export interface AcceptanceOptions {
  readonly type: EventType;
  /** The origin of the log, `dc1.1`. */
  readonly origin: string;
  readonly log: EventLog;
  readonly store: RowStore;
  readonly sequence: AppendSequence;
  readonly recent: RecentIds;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly dedupe: DedupeWindow;
  readonly measures?: Measures;
}

/** Entries that were accepted before, by id. */
type KnownEntries = Map<string, FoundEntry | Promise<FoundEntry>>;

/** An `AcceptResult` whose entry may not be written yet. */
interface PendingResult {
  readonly entry: FoundEntry | Promise<FoundEntry>;
  readonly isNew: boolean;
}

/** Accepts entries of one type: writes them into the log and the store, and only then answers. */
export class Acceptance {
  private readonly measures: Measures;
  private readonly availability: StoreAvailability;
  private readonly writer: EntryWriter;

  constructor(private readonly options: AcceptanceOptions) {
    const { clock, measures = UNMEASURED, store } = options;
    this.measures = measures;
    this.availability = new StoreAvailability(store, clock);
    this.writer = new EntryWriter({ ...options, measures, availability: this.availability });
  }

  /**
   * Accepts entries of one member for a channel, in order; a repeated id among them is one entry.
   * Rejects with `log_refused`, `log_unavailable` or `store_unavailable`: then either no entry is
   * accepted, or all will be counted and stored. Rejects with `invalid_id` for an id more than a
   * day ahead.
   */
  async accept(
    channelId: string,
    memberId: string,
    entries: readonly NewEntry[],
  ): Promise<AcceptResult[]> {
    const { clock, type } = this.options;
    // One reading of the clock: an entry has the time by which its id was judged young.
    const at = clock.now();
    const arrivedAtMs = clock.monotonic();
    const channel = channelOf(type, channelId);
    const asked = entries.map(({ body, id }) => {
      return { id: this.idOf(id, memberId, at), memberId, at, body };
    });
    await this.availability.require(channel);
    const known = await this.lookUp(channel, asked);
    this.measures.stage(type.name, 'accepted', clock.monotonic() - arrivedAtMs);
    const results = this.write(channel, asked, known);
    return Promise.all(results.map(async ({ entry, isNew }) => ({ entry: await entry, isNew })));
  }

  private idOf(given: string | undefined, memberId: string, at: number): string {
    const { entropy, type } = this.options;
    return type.idFrom === 'member' ? memberId : (given ?? entropy.timedId(at));
  }

  /**
   * Looks up the ids that are not young, so that a repeated request gets the first one's answer.
   * The owner finds duplicates independently (`dedupe-window.ts`).
   */
  private async lookUp(channel: string, asked: readonly Entry[]): Promise<KnownEntries> {
    const { recent, store } = this.options;
    const known: KnownEntries = new Map();
    const toLookUp: string[] = [];
    for (const { at, id } of asked) {
      if (this.isYoung(id, at)) continue;
      const entry = recent.get(channel, id);
      if (entry) known.set(id, entry);
      else toLookUp.push(id);
    }
    if (toLookUp.length === 0) return known;
    for (const entry of await store.find(channel, toLookUp)) known.set(entry.id, entry);
    return known;
  }

  private isYoung(id: string, at: number): boolean {
    const { dedupe, type } = this.options;
    const made = timeIn(type, id);
    if (!dedupe.isTooFarAhead(made, at)) return dedupe.isYoung(made, at);
    throw new LikestreamError('invalid_id', `the time in ${id} is more than a day ahead`);
  }

  // Synchronous, so that simultaneous requests with one id find each other in `recent`.
  private write(channel: string, asked: readonly Entry[], known: KnownEntries): PendingResult[] {
    const { recent } = this.options;
    const found = new Map(known);
    const toWrite = new Map<string, Entry>();
    for (const entry of asked) {
      const first = found.get(entry.id) ?? recent.get(channel, entry.id);
      if (first) found.set(entry.id, first);
      else if (!toWrite.has(entry.id)) toWrite.set(entry.id, entry);
    }
    const written = this.writeAll(channel, [...toWrite.values()]);
    return asked.map(({ id }) => {
      const entry = found.get(id) ?? written.get(id);
      if (!entry) throw new LikestreamError('internal', `${id} is missing among the entries`);
      return { entry, isNew: !found.has(id) };
    });
  }

  /** The entries in flight, by id; also in `recent`. */
  private writeAll(channel: string, entries: readonly Entry[]): Map<string, Promise<FoundEntry>> {
    const inFlight = new Map<string, Promise<FoundEntry>>();
    if (entries.length === 0) return inFlight;
    const written = this.writer.write(channel, entries);
    for (const [index, { id }] of entries.entries()) {
      const entry = written.then((all) => all[index] ?? missing(id));
      this.options.recent.add(channel, id, entry);
      inFlight.set(id, entry);
    }
    return inFlight;
  }
}

function missing(id: string): never {
  throw new LikestreamError('internal', `${id} is missing among the written entries`);
}
