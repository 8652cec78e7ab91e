import type { History } from '../adapters/history';
import type { FoundEntry, RowStore } from '../adapters/row-store';
import type { LoggedType } from '../schemas/event-type';
import { compareOrigins } from '../schemas/origins';
import type { Vector } from '../schemas/state';
import { HistoryCursor, type PageItem, placeIn } from './history-cursor';
import { mergeItems } from './history-merge';
import type { PageQuery, Positions } from './history-query';
import {
  NewerRows,
  OlderRows,
  type OriginHistory,
  originHistory,
  recentEntry,
} from './history-rows';
import { positionsBefore } from './history-start';

export interface HistoryPagesOptions {
  readonly type: LoggedType;
  readonly history: History;
  readonly store: Pick<RowStore, 'find'>;
}

/** An entry of a page, or the id of a deleted one. */
export type PageEntry = FoundEntry | { readonly id: string; readonly isDeleted: true };

/** Entries of all origins in one order. */
export interface HistoryPage {
  readonly entries: readonly PageEntry[];
  /** Where the next page begins (`after` or `before`); undefined if there is none. */
  readonly next: Positions | undefined;
  /** A stream from these positions has what comes after the newest entry of the page. */
  readonly reached: Positions;
}

/** The rows of one origin that a query asks for. */
interface Range {
  readonly of: OriginHistory;
  /** Only rows with a greater offset. */
  readonly after: number;
  /** Only rows with a lower offset. */
  readonly end: number;
  /** Whether the query names a greater end, which this process does not know yet. */
  readonly isIncomplete: boolean;
}

/**
 * Builds pages of a channel's history. The entries of one origin keep the order of its log; those
 * of several origins are merged by their times. A page ends before an entry that cannot be read
 * yet.
 */
export class HistoryPages {
  constructor(private readonly options: HistoryPagesOptions) {}

  /**
   * The page of a query; `states` are the newest ones. Rejects with `not_found` if there is no
   * entry with the id `before`, and with `store_unavailable`.
   */
  async load(channel: string, states: Vector, query: PageQuery): Promise<HistoryPage> {
    const { history, store, type } = this.options;
    const origins = Object.entries(states)
      .map(([origin, state]) => originHistory(type, history, { channel, origin }, state))
      .sort((one, other) => compareOrigins(one.origin, other.origin));
    const { after, before, limit, upTo } = query;
    const start =
      typeof before === 'string'
        ? await positionsBefore({ store, channel, origins }, before)
        : before;
    const ranges = origins.map((of) => rangeOf(of, after, start, upTo));
    const cursors = this.cursors(channel, ranges, query);
    const items = await mergeItems(cursors, limit, after ? 'oldest first' : 'newest first');
    const entries = entriesOf(items);
    if (!after) return { entries, ...olderEnd(ranges, cursors) };
    const isUnknown = [...(upTo?.keys() ?? [])].some((origin) => !states[origin]);
    return { entries, ...newerEnd(ranges, cursors, after, isUnknown) };
  }

  /**
   * Pages with the oldest entries first also show deletions at their own places: an earlier page
   * may have shown the entry, and its row may not say yet that it is deleted.
   */
  private cursors(channel: string, ranges: readonly Range[], { after: asked, upTo }: PageQuery) {
    const { store } = this.options;
    const origins = ranges.map(({ of }) => of);
    const recent = (id: string) => recentEntry(origins, id);
    const showsDeletions = asked !== undefined;
    const entries = { store, channel, showsDeletions, deletedIds: deletedIn(ranges), recent };
    return ranges.map(({ after, end, of }) => {
      const { origin } = of;
      const all = showsDeletions ? new NewerRows(of, after) : new OlderRows(of, end);
      const reader = after + 1 < end ? all : undefined;
      const isSilent = (item: PageItem) =>
        item.row.isDeletion ? !showsDeletions : isCountedElsewhere(item, origin, upTo);
      return new HistoryCursor({ origin, reader, entries, end, isSilent });
    });
  }
}

function rangeOf(
  of: OriginHistory,
  after: Positions | undefined,
  before: Positions | undefined,
  upTo: Positions | undefined,
): Range {
  const { origin, version } = of;
  const end = Math.min(
    before ? (before.get(origin) ?? 0) : Number.MAX_SAFE_INTEGER,
    upTo ? (upTo.get(origin) ?? -1) + 1 : Number.MAX_SAFE_INTEGER,
  );
  const isIncomplete = end !== Number.MAX_SAFE_INTEGER && end > version + 1;
  return { of, after: after?.get(origin) ?? -1, end: Math.min(end, version + 1), isIncomplete };
}

/** The ids that the newest states say are deleted: their rows may not say it yet. */
function deletedIn(ranges: readonly Range[]): Set<string> {
  const ids = new Set<string>();
  for (const { of } of ranges) for (const row of of.recent) if (row.isDeletion) ids.add(row.id);
  return ids;
}

/**
 * Whether the copy that counts is of another origin. With an end, only if it is before the end: a
 * later one is not sent to viewers who were given the link to this page.
 */
function isCountedElsewhere(
  { entry }: PageItem,
  origin: string,
  upTo: Positions | undefined,
): boolean {
  const [counted, offset = -1] = placeIn(entry);
  if (counted === undefined || counted === origin) return false;
  return !upTo || offset <= (upTo.get(counted) ?? -1);
}

/** The entries of a page: each id once, deleted if any of its rows says so. */
function entriesOf(items: readonly PageItem[]): PageEntry[] {
  const entries = new Map<string, PageEntry>();
  for (const { entry, isDeleted, row } of items) {
    const isKnownDeleted = isDeleted || entries.get(row.id)?.isDeleted === true;
    if (isKnownDeleted) entries.set(row.id, { id: row.id, isDeleted: true });
    else if (entry) entries.set(row.id, entry);
  }
  return [...entries.values()];
}

function newerEnd(
  ranges: readonly Range[],
  cursors: readonly HistoryCursor[],
  after: Positions,
  isUnknown: boolean,
) {
  const reached = new Map(after);
  for (const [index, { after: from, end, of }] of ranges.entries()) {
    const cursor = cursors[index];
    const last = cursor?.state === 'ended' ? end - 1 : (cursor?.position ?? from);
    if (Math.max(last, from) >= 0) reached.set(of.origin, Math.max(last, from));
  }
  const isIncomplete = isUnknown || ranges.some((range) => range.isIncomplete);
  const isDone = !isIncomplete && cursors.every(({ state }) => state === 'ended');
  return { reached: sorted(reached), next: isDone ? undefined : sorted(reached) };
}

function olderEnd(ranges: readonly Range[], cursors: readonly HistoryCursor[]) {
  const [reached, next] = [new Map<string, number>(), new Map<string, number>()];
  for (const [index, { end, of }] of ranges.entries()) {
    const cursor = cursors[index];
    if (end > 0) reached.set(of.origin, end - 1);
    if (cursor && cursor.state !== 'ended') next.set(of.origin, cursor.position ?? end);
  }
  return { reached, next: next.size > 0 ? next : undefined };
}

function sorted(positions: Positions): Positions {
  return new Map([...positions].sort(([one], [other]) => compareOrigins(one, other)));
}
