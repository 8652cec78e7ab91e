import { z } from 'zod';
import type { EventLog, LogEntry } from '../../adapters/event-log';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../../adapters/row-store';
import { Acceptance, type AcceptResult } from '../../producers/acceptance';
import { AppendSequence } from '../../producers/append-sequence';
import { RecentIds } from '../../producers/recent-ids';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { LikestreamError } from '../../schemas/errors';
import { type Entry, eventType, type LoggedType } from '../../schemas/event-type';
import { likes } from '../../schemas/likes';
import { counter } from '../../schemas/policies/counter';
import { type EntriesRecord, parseRecord } from '../../schemas/record';
import { Seeded } from '../simulation/seeded';
import { VirtualClock } from '../simulation/virtual-clock';

export const WINDOW_MS = 120_000;
export const ORIGIN = 'dc1.1';

/** Votes of members: each member has one a video. */
export const votes = eventType({
  name: 'votes',
  channelKind: 'video',
  idName: 'memberId',
  idFrom: 'member',
  body: z.object({ option: z.string().regex(/^[a-z]{1,8}$/) }),
  columns: { option: 'text' },
  exact: true,
  maxPerRequest: 1,
  sharesRecords: true,
  policy: counter<{ option: string }>({
    ...{ event: 'votes', field: 'options' },
    key: ({ option }) => option,
  }),
});

type Note = z.infer<typeof noteBody>;
const noteBody = z.object({ text: z.string(), pages: z.int().optional() });

/** Texts; `sharesRecords` says whether one record may have several. */
export const notes = (sharesRecords: boolean) =>
  eventType({
    name: 'notes',
    channelKind: 'book',
    idName: 'noteId',
    idFrom: 'client',
    body: noteBody,
    columns: { text: 'text', pages: 'bigint' },
    exact: true,
    maxPerRequest: 100,
    sharesRecords,
    policy: counter<Note>({
      ...{ event: 'notes', field: 'lengths' },
      key: ({ text }) => String(text.length),
    }),
  });

/** A log that keeps the appended entries, or is unavailable. */
export class FakeLog implements EventLog {
  readonly entries: LogEntry[] = [];
  /** The number of entries of each call, in order. */
  readonly appends: number[] = [];
  isUnavailable = false;
  /** Whether appends are rejected with `log_refused`. */
  refuses = false;
  /** Whether a drain has closed it. */
  isClosed = false;
  /** Appends wait for this promise. */
  until: Promise<void> = Promise.resolve();

  constructor(private readonly type: LoggedType = likes) {}

  readonly append = async (_: string, entries: readonly LogEntry[]): Promise<readonly number[]> => {
    await this.until;
    if (this.refuses) throw new LikestreamError('log_refused');
    if (this.isClosed) throw new LikestreamError('log_closed');
    if (this.isUnavailable) throw new LikestreamError('log_unavailable');
    const first = this.entries.length;
    this.entries.push(...entries);
    this.appends.push(entries.length);
    return entries.map((_, index) => first + index);
  };

  /** The records with entries, without cancels. */
  get records(): EntriesRecord[] {
    const all = this.entries.map(({ value }) => parseRecord(this.type, value));
    return all.flatMap((record) => ('entries' in record ? [record] : []));
  }

  /** The entries of all records, in order. */
  get logged(): Entry[] {
    return this.records.flatMap(({ entries }) => entries);
  }
}

/** A store that keeps the first copy of each id, or is unavailable. */
export class FakeStore implements RowStore {
  readonly rows = new Map<string, StoredEntry>();
  readonly withdrawn = new Set<string>();
  readonly removed = new Set<string>();
  /** Other origins whose logs have an entry. */
  readonly elsewhere = new Map<string, string[]>();
  /** The ids of each look-up. */
  readonly lookUps: string[][] = [];
  isUnavailable = false;
  /** Look-ups wait for this promise. */
  until: Promise<void> = Promise.resolve();

  constructor(private readonly origin: string = ORIGIN) {}

  async insert(channel: string, entries: readonly StoredEntry[]): Promise<void> {
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    for (const entry of entries) {
      const name = `${channel}/${entry.id}`;
      const there = this.rows.get(name);
      if (!there || entry.offset < there.offset) this.rows.set(name, entry);
    }
  }

  async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    const found = await this.look(channel, ids);
    return found.map(({ offset, ...entry }) => {
      const place = `${this.origin}@${offset}`;
      if (!this.removed.has(`${channel}/${entry.id}`)) return { ...entry, place };
      return { ...entry, body: {}, place, isDeleted: true };
    });
  }

  async offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    const found = new Map((await this.look(channel, ids)).map((entry) => [entry.id, entry]));
    const offsets = new Map<string, Offsets>();
    for (const id of ids) {
      const name = `${channel}/${id}`;
      const own = found.get(id);
      const elsewhere = this.elsewhere.get(name) ?? [];
      const isWithdrawn = this.withdrawn.has(name);
      if (own || isWithdrawn || elsewhere.length > 0) {
        const copy = own && { offset: own.offset, body: own.body };
        offsets.set(id, { own: copy, isWithdrawn, elsewhere });
      }
    }
    return offsets;
  }

  async withdraw(channel: string, ids: readonly string[]): Promise<void> {
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    for (const id of ids) this.withdrawn.add(`${channel}/${id}`);
  }

  async remove(channel: string, ids: readonly string[]): Promise<void> {
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    for (const id of ids) this.removed.add(`${channel}/${id}`);
  }

  private async look(channel: string, ids: readonly string[]): Promise<StoredEntry[]> {
    this.lookUps.push([...ids]);
    await this.until;
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    return ids.flatMap((id) => this.rows.get(`${channel}/${id}`) ?? []);
  }
}

/** An `Acceptance` of a type on a log, a store and a clock that the test controls. */
export function backend(type: LoggedType = likes) {
  const parts = {
    type,
    origin: ORIGIN,
    log: new FakeLog(type),
    store: new FakeStore(),
    clock: new VirtualClock(),
    entropy: new Seeded(1).entropy,
    recent: new RecentIds(),
    dedupe: new DedupeWindow(WINDOW_MS),
  };
  const acceptance = new Acceptance({ ...parts, sequence: new AppendSequence(parts.entropy) });
  const accept = async (memberId: string, id: string | undefined, body: object) => {
    const [result] = await acceptance.accept('42', memberId, [{ id, body }]);
    if (!result) throw new Error('there is no result');
    return result;
  };
  const like = (id?: string, reaction = 'like'): Promise<AcceptResult> =>
    accept('ann', id, { reaction });
  return { ...parts, accept, acceptance, like };
}
