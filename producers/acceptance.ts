import type { EventLog } from '../adapters/event-log';
import type { FoundEntry, RowStore } from '../adapters/row-store';
import type { Clock } from '../runtime/clock';
import type { Entropy } from '../runtime/entropy';
import { channelOf } from '../schemas/channels';
import type { DedupeWindow } from '../schemas/dedupe-window';
import { LikestreamError } from '../schemas/errors';
import type { Entry, LoggedType } from '../schemas/event-type';
import { type Measures, UNMEASURED } from '../schemas/measures';
import { timeIn } from '../schemas/record';
import type { AppendSequence } from './append-sequence';
import { EntryWriter } from './entry-writer';
import type { RecentIds } from './recent-ids';
import type { EncodedBody } from './record-pieces';
import { StoreAvailability } from './store-availability';

/** An entry of a request. */
export interface NewEntry {
  /** The producer makes one if it is not given. Not read if the type's ids are the members'. */
  readonly id?: string | undefined;
  /** A body of the type's shape. */
  readonly body: unknown;
  /** The body's JSON, if it is known. */
  readonly encoded?: EncodedBody | undefined;
}

/** An entry in the answer, with its place in the log. */
export interface AcceptResult {
  readonly entry: FoundEntry;
  /** False if its id was accepted before; then `entry` is the first one. */
  readonly isNew: boolean;
  /** Whether the request that accepted it was still in progress. */
  readonly wasInFlight?: boolean;
}

export interface AcceptanceOptions {
  readonly type: LoggedType;
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

/** Entries that were accepted before, or are in flight, by id. */
type KnownEntries = Map<string, FoundEntry | Promise<FoundEntry>>;

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
   * Rejects with `log_refused`, `log_unavailable` or `store_unavailable`: then either none of them
   * is in the log, or all will be counted and stored. Rejects with `invalid_id` for an id more than
   * a day ahead.
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
    const asked = entries.map(({ body, id }): Entry => {
      return { id: this.idOf(id, memberId, at), memberId, at, body };
    });
    if (this.availability.isInDoubt) await this.availability.require(channel);
    // The common case is without a promise or a map an entry, and in one turn until the append.
    const known = this.areNew(channel, asked, entries)
      ? undefined
      : await this.lookUp(channel, asked);
    this.measures.stage(type.name, 'accepted', clock.monotonic() - arrivedAtMs);
    if (known) return this.acceptUnknown(channel, asked, known);
    const written = await this.write(channel, asked, entries);
    return written.map((entry) => ({ entry, isNew: true }));
  }

  private idOf(given: string | undefined, memberId: string, at: number): string {
    const { entropy, type } = this.options;
    return type.idFrom === 'member' ? memberId : (given ?? entropy.timedId(at));
  }

  /**
   * Whether none of the ids needs a look-up, is known, or is repeated. Ids that this producer has
   * made for these entries are new.
   */
  private areNew(channel: string, asked: readonly Entry[], given: readonly NewEntry[]): boolean {
    const { recent, type } = this.options;
    const ids = given.length > 1 ? new Set<string>() : undefined;
    for (const [index, { at, id }] of asked.entries()) {
      if (type.idFrom !== 'member' && given[index]?.id === undefined) continue;
      if (!this.isYoung(id, at) || recent.has(channel, id) || ids?.has(id)) return false;
      ids?.add(id);
    }
    return true;
  }

  /**
   * Looks up the ids that are not young, so that a repeated request gets the first one's answer.
   * The owner finds duplicates independently (`dedupe-window.ts`).
   */
  private async lookUp(channel: string, asked: readonly Entry[]): Promise<KnownEntries> {
    const { recent, store, type } = this.options;
    const known: KnownEntries = new Map();
    const toLookUp: string[] = [];
    for (const { at, id } of asked) {
      const isYoung = this.isYoung(id, at);
      // Read before the look-up, because it may be evicted during it.
      const entry = recent.get(channel, id);
      if (entry) known.set(id, entry);
      // A known entry may have been deleted since it was accepted.
      const isStale = entry && !(entry instanceof Promise) && type.isDeletable;
      if (isStale || (!entry && !isYoung)) toLookUp.push(id);
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

  /** Accepts the entries that are not known, once those in flight have ended. */
  private async acceptUnknown(
    channel: string,
    asked: readonly Entry[],
    known: KnownEntries,
  ): Promise<AcceptResult[]> {
    const awaited = new Set<string>();
    let inFlight = this.inFlight(channel, asked, known);
    while (inFlight.size > 0) {
      // Nothing is written before: if one of them fails, this request fails as a whole.
      for (const [id, entry] of inFlight) {
        known.set(id, await entry);
        awaited.add(id);
      }
      inFlight = this.inFlight(channel, asked, known);
    }
    // In the same turn as `inFlight`, so that simultaneous requests with one id find each other.
    const toWrite = new Map<string, Entry>();
    for (const entry of asked) {
      if (!known.has(entry.id) && !toWrite.has(entry.id)) toWrite.set(entry.id, entry);
    }
    const written = toWrite.size > 0 ? await this.write(channel, [...toWrite.values()]) : [];
    const news = new Map(written.map((entry) => [entry.id, entry]));
    return Promise.all(
      asked.map(async ({ id }) => {
        const entry = await (known.get(id) ?? news.get(id) ?? missing(id));
        const wasInFlight = awaited.has(id);
        return { entry, isNew: news.has(id), ...(wasInFlight && { wasInFlight }) };
      }),
    );
  }

  /** The entries in flight with the ids of this request; those that are done become known. */
  private inFlight(
    channel: string,
    asked: readonly Entry[],
    known: KnownEntries,
  ): ReadonlyMap<string, Promise<FoundEntry>> {
    const inFlight = new Map<string, Promise<FoundEntry>>();
    for (const { id } of asked) {
      const first = known.get(id) ?? this.options.recent.get(channel, id);
      if (first instanceof Promise) inFlight.set(id, first);
      else if (first) known.set(id, first);
    }
    return inFlight;
  }

  /** Begins to write entries, and lets later requests find them. */
  private write(
    channel: string,
    entries: readonly Entry[],
    bodies: readonly Pick<NewEntry, 'encoded'>[] = [],
  ): Promise<readonly FoundEntry[]> {
    const written = this.writer.write(channel, entries, bodies);
    // No request repeats an id that it does not know.
    if (this.options.type.idFrom === 'server') return written;
    const ids = entries.map(({ id }) => id);
    this.options.recent.add(channel, ids, written);
    return written;
  }
}

function missing(id: string): never {
  throw new LikestreamError('internal', `${id} is missing among the entries`);
}
