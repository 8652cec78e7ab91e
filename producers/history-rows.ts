import type { History, HistoryRow } from '../adapters/history';
import type { FoundEntry } from '../adapters/row-store';
import type { LoggedType } from '../schemas/event-type';
import type { RecentRow } from '../schemas/policy';
import type { Versioned } from '../schemas/state';

/** A row of a history; `recent` is the row of the newest state, if that still has it. */
export interface PageRow extends HistoryRow {
  readonly recent?: RecentRow | undefined;
}

/** Reads the rows of one channel and origin in one direction, without a gap in their numbers. */
export interface RowReader {
  /** The next rows, at most `limit`; fewer only if `isEnded` or `isBlocked` is true then. */
  read(limit: number): Promise<readonly PageRow[]>;
  /** Whether there are no more rows. */
  readonly isEnded: boolean;
  /** Whether the next row is missing: its owner has not written it, or it is not readable here. */
  readonly isBlocked: boolean;
}

/** One origin's part of a channel's history: rows in the store, and newer ones in the state. */
export interface OriginHistory {
  readonly history: History;
  readonly channel: string;
  readonly origin: string;
  readonly version: number;
  /** The number of the last row up to the version. */
  readonly count: number;
  /** All rows with a greater offset are in `recent`, and no other ones. */
  readonly floor: number;
  readonly recent: readonly PageRow[];
}

/** The history of one origin whose newest state is known. */
export function originHistory(
  { policy }: LoggedType,
  history: History,
  place: { readonly channel: string; readonly origin: string },
  state: Versioned,
): OriginHistory {
  const { version } = state;
  const count = policy.numberOf?.(state.state) ?? 0;
  const { floor, rows } = policy.recent?.(state) ?? { floor: version, rows: [] };
  const first = count - rows.length + 1;
  const recent = rows.map((row, index) => pageRow(row, first + index));
  return { ...place, history, version, count, floor, recent };
}

// Named fields, because a spread costs several times as much.
function pageRow(recent: RecentRow, number: number): PageRow {
  const { id, isDeletion, offset } = recent;
  return { offset, number, id, isDeletion, recent };
}

/**
 * The entry that the newest states have of an id, of which the store may have no row yet; of
 * several origins the earliest one's.
 */
export function recentEntry(
  origins: readonly Pick<OriginHistory, 'origin' | 'recent'>[],
  id: string,
): FoundEntry | undefined {
  for (const { origin, recent } of origins) {
    const row = recent.find((each) => each.id === id && each.recent?.entry);
    if (row?.recent?.entry) return { ...row.recent.entry, place: `${origin}@${row.offset}` };
  }
  return undefined;
}

/** Reads rows with offsets below `before`, the greatest offset first. */
export class OlderRows implements RowReader {
  isEnded = false;
  isBlocked = false;
  /** The number of the next row; undefined until it is known. */
  private next: number | undefined;

  constructor(
    private readonly of: OriginHistory,
    private before: number,
  ) {
    const { count, floor, recent } = of;
    if (before <= floor) return;
    const first = recent.find(({ offset }) => offset >= before);
    this.next = first ? first.number - 1 : count;
    this.isEnded = this.next === 0;
  }

  async read(limit: number): Promise<readonly PageRow[]> {
    const { floor, recent } = this.of;
    const rows: PageRow[] = [];
    for (let at = recent.length - 1; at >= 0 && rows.length < limit; at--) {
      const row = recent[at];
      if (row && row.offset < this.before) this.push(rows, row);
    }
    if (rows.length === limit || this.isEnded || this.isBlocked) return rows;
    this.before = Math.min(this.before, floor + 1);
    const asked = limit - rows.length;
    const stored = await this.stored(asked);
    for (const row of stored) {
      if (!this.isBlocked && !this.isEnded && rows.length < limit) this.push(rows, row);
    }
    if (rows.length < limit && !this.isEnded) this.isBlocked = true;
    return rows;
  }

  private push(rows: PageRow[], row: PageRow): void {
    if (this.isBlocked || row.number !== this.next) {
      this.isBlocked = true;
      return;
    }
    rows.push(row);
    this.before = row.offset;
    this.next = row.number - 1;
    this.isEnded = this.next === 0;
  }

  /** Stored rows below `before`; sets `next` if it is not known. */
  private async stored(limit: number): Promise<readonly HistoryRow[]> {
    const { channel, history, origin } = this.of;
    const { before } = this;
    if (this.next !== undefined) return history.newest({ channel, origin, before, limit });
    const range = { channel, origin, before: before + 1, limit: limit + 1 };
    const [first, ...rest] = await history.newest(range);
    if (first?.offset === before) {
      this.expect(first.number - 1);
      return rest;
    }
    this.expect(await this.numberBefore());
    return first ? [first, ...rest] : [];
  }

  private expect(number: number): void {
    this.next = number;
    this.isEnded = number === 0;
  }

  /** The number of the last row below `before`: the one before the first row from there on. */
  private async numberBefore(): Promise<number> {
    const { channel, count, history, origin, recent } = this.of;
    const after = this.before - 1;
    const [stored] = await history.oldest({ channel, origin, after, limit: 1 });
    const numbers = [stored, recent[0]].flatMap((row) => (row ? [row.number] : []));
    return numbers.length > 0 ? Math.min(...numbers) - 1 : count;
  }
}

/** Reads rows with offsets above `after`, the lowest offset first. */
export class NewerRows implements RowReader {
  isEnded = false;
  isBlocked = false;
  /** The number of the next row in the store; undefined until it is known. */
  private next: number | undefined;

  constructor(
    private readonly of: OriginHistory,
    private after: number,
  ) {}

  async read(limit: number): Promise<readonly PageRow[]> {
    const { floor } = this.of;
    const rows: PageRow[] = [];
    if (this.after < floor) await this.readStored(rows, limit);
    if (this.after >= floor && rows.length < limit) this.readRecent(rows, limit);
    return rows;
  }

  private readRecent(rows: PageRow[], limit: number): void {
    for (const row of this.of.recent) {
      if (row.offset <= this.after) continue;
      if (rows.length === limit) return;
      rows.push(row);
      this.after = row.offset;
    }
    this.isEnded = true;
  }

  private async readStored(rows: PageRow[], limit: number): Promise<void> {
    const { count, floor, recent } = this.of;
    const stored = await this.stored(limit);
    for (const row of stored) {
      if (row.offset > floor || row.number !== this.next) break;
      if (rows.length === limit) return;
      rows.push(row);
      this.after = row.offset;
      this.next = row.number + 1;
    }
    const firstRecent = count - recent.length + 1;
    if (this.next === firstRecent) this.after = floor;
    else if (rows.length < limit) this.isBlocked = true;
  }

  /** Stored rows above `after`; sets `next` if it is not known. */
  private async stored(limit: number): Promise<readonly HistoryRow[]> {
    const { channel, history, origin } = this.of;
    const { after } = this;
    if (after < 0) this.next ??= 1;
    if (this.next !== undefined) return history.oldest({ channel, origin, after, limit });
    const range = { channel, origin, after: after - 1, limit: limit + 1 };
    const [first, ...rest] = await history.oldest(range);
    if (first?.offset === after) {
      this.next = first.number + 1;
      return rest;
    }
    const [last] = await history.newest({ channel, origin, before: after + 1, limit: 1 });
    this.next = (last?.number ?? 0) + 1;
    return first ? [first, ...rest] : [];
  }
}
