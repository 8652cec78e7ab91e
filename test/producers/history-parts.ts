import { z } from 'zod';
import type { History, HistoryRange, HistoryRow } from '../../adapters/history';
import type { FoundEntry } from '../../adapters/row-store';
import { HistoryPages } from '../../producers/history-pages';
import type { PageQuery } from '../../producers/history-query';
import { LikestreamError } from '../../schemas/errors';
import { eventType } from '../../schemas/event-type';
import { compareOrigins } from '../../schemas/origins';
import { counter } from '../../schemas/policies/counter';
import type { RecentRow } from '../../schemas/policy';
import type { Vector, Versioned } from '../../schemas/state';
import { range } from '../end-to-end/api';

export const CHANNEL = 'video:42';

/** The state of `posts`: the newest rows above `floor`, and the number of all. */
interface Newest {
  readonly floor: number;
  readonly count: number;
  readonly rows: readonly RecentRow[];
}

/** Texts with a history. */
export const posts = eventType({
  name: 'posts',
  channelKind: 'video',
  idName: 'postId',
  idFrom: 'client',
  body: z.object({ text: z.string() }),
  columns: { text: 'text' },
  exact: true,
  maxPerRequest: 1,
  sharesRecords: false,
  hasHistory: true,
  isDeletable: true,
  isSlowable: true,
  policy: {
    ...counter<{ text: string }>({ event: 'post', field: 'posts', key: () => 'all' }),
    total: () => 0,
    numberOf: (state) => (state as unknown as Newest).count,
    recent: ({ state }) => state as unknown as Newest,
  },
});

/** What a test log has at one offset. */
export interface TestRow {
  readonly origin: string;
  readonly offset: number;
  readonly id: string;
  readonly at: number;
  readonly isDeletion: boolean;
}

/** The histories and rows of one channel, of which some may not be readable yet. */
export class TestHistory implements History {
  readonly rows: TestRow[] = [];
  /** By origin, how many of the newest rows its state has. */
  readonly kept = new Map<string, number>();
  /** Rows of the history that are not readable, by place. */
  readonly hiddenRows = new Set<string>();
  /** Entries that are not readable, by id. */
  readonly hiddenEntries = new Set<string>();
  /** By id, the offset of a later copy, which the store has instead of the first one. */
  readonly laterCopies = new Map<string, number>();
  /** Copies that the replica does not have yet, by place. */
  readonly hiddenCopies = new Set<string>();
  /** Ids that are deleted in the store. */
  readonly deleted = new Set<string>();
  /** The number of calls, and of the rows and entries that they returned. */
  calls = 0;
  read = 0;
  isUnavailable = false;

  readonly pages = new HistoryPages({ type: posts, history: this, store: this });

  add(origin: string, offset: number, id: string, at = offset, isDeletion = false): void {
    this.rows.push({ origin, offset, id, at, isDeletion });
    if (isDeletion) this.deleted.add(id);
  }

  load(query: Partial<PageQuery>) {
    return this.pages.load(CHANNEL, this.states(), { limit: 20, ...query });
  }

  /** The newest states of all origins. */
  states(): Vector {
    const origins = [...new Set(this.rows.map(({ origin }) => origin))];
    return Object.fromEntries(origins.map((origin) => [origin, this.stateOf(origin)]));
  }

  of(origin: string): TestRow[] {
    const rows = this.rows.filter((row) => row.origin === origin);
    return rows.sort((one, other) => one.offset - other.offset);
  }

  async write(): Promise<void> {}

  async oldest(range: HistoryRange): Promise<readonly HistoryRow[]> {
    return this.answered(this.inRange(range).slice(0, range.limit));
  }

  async newest(range: HistoryRange): Promise<readonly HistoryRow[]> {
    return this.answered(this.inRange(range).reverse().slice(0, range.limit));
  }

  async find(_channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    return this.answered(ids.flatMap((id) => this.entryOf(id) ?? []));
  }

  /** The entry with an id: the copy of its earliest origin counts. */
  private entryOf(id: string): FoundEntry | undefined {
    if (this.hiddenEntries.has(id)) return undefined;
    const copies = this.rows.filter(
      (row) =>
        row.id === id && !row.isDeletion && !this.hiddenCopies.has(`${row.origin}@${row.offset}`),
    );
    const [copy] = copies.sort((one, other) => compareOrigins(one.origin, other.origin));
    if (!copy) return undefined;
    const { at, offset, origin } = copy;
    const isDeleted = this.deleted.has(id);
    const body = isDeleted ? {} : { text: id };
    const place = `${origin}@${this.laterCopies.get(id) ?? offset}`;
    return { id, memberId: 'ann', at, body, place, isDeleted };
  }

  private stateOf(origin: string): Versioned {
    const rows = this.of(origin);
    const kept = rows.slice(rows.length - (this.kept.get(origin) ?? 0));
    const version = rows.at(-1)?.offset ?? -1;
    const floor = kept[0] ? kept[0].offset - 1 : version;
    const recent = kept.map(({ at, id, isDeletion, offset }): RecentRow => {
      const hasEntry = !isDeletion && !this.deleted.has(id);
      const entry = { id, memberId: 'ann', at, body: { text: id } };
      return { offset, id, isDeletion, entry: hasEntry ? entry : undefined };
    });
    return { version, state: { floor, count: rows.length, rows: recent } satisfies Newest };
  }

  private inRange({ after = -1, before = Number.MAX_SAFE_INTEGER, origin }: HistoryRange) {
    return this.of(origin)
      .map(({ id, isDeletion, offset }, index) => ({ offset, number: index + 1, id, isDeletion }))
      .filter(({ offset }) => offset > after && offset < before)
      .filter(({ offset }) => !this.hiddenRows.has(`${origin}@${offset}`));
  }

  private answered<Each>(all: readonly Each[]): readonly Each[] {
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    this.calls += 1;
    this.read += all.length;
    return all;
  }
}

/** The ids of a page's entries; `-` before those that are deleted. */
export function idsOf({
  entries,
}: {
  readonly entries: readonly { id: string; isDeleted?: boolean | undefined }[];
}) {
  return entries.map(({ id, isDeleted }) => (isDeleted ? `-${id}` : id));
}

/** Offsets by origin. */
export const positions = (of: Record<string, number>) => new Map(Object.entries(of));

/** A history of one origin: `a1` to `aCOUNT` at the offsets 10, 20, …. */
export function single(count: number, kept = 0): TestHistory {
  const history = new TestHistory();
  for (const index of range(count)) history.add('dc1.1', 10 * (index + 1), `a${index + 1}`);
  history.kept.set('dc1.1', kept);
  return history;
}
