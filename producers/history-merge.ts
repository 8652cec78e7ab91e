import type { HistoryCursor, PageItem } from './history-cursor';

/** A page ends after this many rows, even if it has fewer entries than it may have. */
export const MAX_PAGE_ROWS = 500;

/** The same of a page without entries: some clients take an empty page for the last one. */
export const MAX_EMPTY_PAGE_ROWS = 5_000;

/** The fewest rows of one origin that are read at once. */
const MIN_ROWS = 5;

/** The order in which the entries of several origins are merged. */
export type PageOrder = 'oldest first' | 'newest first';

/**
 * Passes the items of a page: the first ones of all cursors, merged by their times. The cursors are
 * in the order of their origins, by which equal times are merged. Ends before the first item that
 * cannot be read, because the next ones may be later than that.
 */
export async function mergeItems(
  cursors: readonly HistoryCursor[],
  limit: number,
  order: PageOrder,
): Promise<PageItem[]> {
  const inOrder = order === 'oldest first' ? cursors : [...cursors].reverse();
  const items: PageItem[] = [];
  for (;;) {
    // Also after the last item, so that a page knows whether there is a next one.
    await fillOpen(cursors, limit, items.length > 0 ? MAX_PAGE_ROWS : MAX_EMPTY_PAGE_ROWS);
    if (items.length === limit || cursors.some(isStopped)) return items;
    const next = firstOf(inOrder, order);
    if (!next?.head) return items;
    items.push(next.head);
    next.pass();
  }
}

/** Reads rows until each cursor has an item or has no more rows, or the page has too many. */
async function fillOpen(
  cursors: readonly HistoryCursor[],
  limit: number,
  maxRows: number,
): Promise<void> {
  // One more than the page has, to know whether there is a next page.
  const rows = Math.max(MIN_ROWS, Math.ceil((2 * limit) / cursors.length));
  const count = cursors.length === 1 ? limit + 1 : rows;
  for (;;) {
    const open = cursors.filter(({ state }) => state === 'open');
    const rowsRead = cursors.reduce((sum, cursor) => sum + cursor.rowsRead, 0);
    if (open.length === 0 || rowsRead >= maxRows) return;
    await Promise.all(open.map((cursor) => cursor.fill(count)));
  }
}

function isStopped({ state }: HistoryCursor): boolean {
  return state === 'open' || state === 'blocked';
}

function firstOf(cursors: readonly HistoryCursor[], order: PageOrder): HistoryCursor | undefined {
  let first: HistoryCursor | undefined;
  for (const cursor of cursors) {
    if (cursor.head && (!first?.head || isBefore(cursor.head, first.head, order))) first = cursor;
  }
  return first;
}

/** A deletion has no time here: it is passed as soon as what is before it. */
function isBefore(one: PageItem, other: PageItem, order: PageOrder): boolean {
  const [at, otherAt] = [timeOf(one), timeOf(other)];
  if (otherAt === undefined) return false;
  if (at === undefined) return true;
  return order === 'oldest first' ? at < otherAt : at > otherAt;
}

function timeOf({ entry, row }: PageItem): number | undefined {
  return row.isDeletion ? undefined : entry?.at;
}
