/** A row in a block. */
export interface BlockRow {
  /** A UUIDv7 in lower case. */
  readonly id: string;
  readonly channel: string;
  readonly memberId: string;
  readonly at: number;
  readonly offset: number;
  /** JSON. */
  readonly body: string;
}

/** The order of rows in and among blocks: by id, then by channel. */
export function compareRows(one: BlockRow, other: BlockRow): number {
  if (one.id !== other.id) return one.id < other.id ? -1 : 1;
  if (one.channel !== other.channel) return one.channel < other.channel ? -1 : 1;
  return 0;
}

/** The body of a deleted row: none of its fields. */
export const CLEARED_BODY = '{}';

/**
 * Merges rows in order; of equal ones the copy with the lowest offset is kept, and of one copy the
 * cleared one.
 */
export function mergeRows(one: readonly BlockRow[], other: readonly BlockRow[]): BlockRow[] {
  const merged: BlockRow[] = [];
  let [at, otherAt] = [0, 0];
  while (at < one.length || otherAt < other.length) {
    const [row, otherRow] = [one[at], other[otherAt]];
    const isNext = row && (!otherRow || compareRows(row, otherRow) <= 0);
    const next = isNext ? row : otherRow;
    if (isNext) at += 1;
    else otherAt += 1;
    if (next) addFirst(merged, next);
  }
  return merged;
}

function addFirst(rows: BlockRow[], row: BlockRow): void {
  const last = rows.at(-1);
  if (!last || compareRows(last, row) !== 0) rows.push(row);
  else if (row.offset < last.offset || isClearedCopy(row, last)) rows[rows.length - 1] = row;
}

function isClearedCopy(row: BlockRow, of: BlockRow): boolean {
  return row.body === CLEARED_BODY && row.offset === of.offset;
}

/** Sorts rows; of equal ones the copy with the lowest offset is kept. */
export function sortedRows(rows: readonly BlockRow[]): BlockRow[] {
  const kept: BlockRow[] = [];
  for (const row of [...rows].sort(compareRows)) addFirst(kept, row);
  return kept;
}
