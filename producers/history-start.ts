import type { RowStore } from '../adapters/row-store';
import { LikestreamError } from '../schemas/errors';
import { parseVectorText } from '../schemas/place';
import type { Positions } from './history-query';
import { type OriginHistory, type PageRow, recentEntry } from './history-rows';

/** Rows that one step of a search reads: enough that one of them is rarely no entry. */
const STEP_ROWS = 16;

/** A search halves a range of offsets, which are less than 2^53. */
const MAX_STEPS = 60;

export interface StartOptions {
  readonly store: Pick<RowStore, 'find'>;
  readonly channel: string;
  readonly origins: readonly OriginHistory[];
}

/**
 * The positions before an entry: in its own origin it is the first one that a page does not have;
 * in the others this is the one after the newest entry whose time is not later. Rejects with
 * `not_found` if there is no such entry.
 */
export async function positionsBefore(options: StartOptions, id: string): Promise<Positions> {
  const { channel, origins, store } = options;
  const [found] = await store.find(channel, [id]);
  const entry = found ?? recentEntry(origins, id);
  const [place] = parseVectorText(entry?.place ?? '') ?? [];
  if (!entry || !place) throw new LikestreamError('not_found', `there is no entry ${id}`);
  const [ownOrigin, offset] = place;
  const others = origins.filter(({ origin }) => origin !== ownOrigin);
  const ends = await Promise.all(others.map((of) => endAt(options, of, entry.at)));
  return new Map([
    [ownOrigin, offset],
    ...others.map(({ origin }, index) => [origin, ends[index] ?? 0] as const),
  ]);
}

/** The offset after the newest entry of an origin whose time is not later; 0 if there is none. */
async function endAt(options: StartOptions, of: OriginHistory, at: number): Promise<number> {
  const recent = await recentBefore(options, of, at);
  if (recent) return recent.offset + 1;
  let end = Math.min(of.floor, of.version) + 1;
  // Entries up to `low` are not later, and those from `end` on are: they are nearly in the order of
  // their times. The first step reads the newest rows, because most searches end there.
  let low = -1;
  for (let step = 0; step < MAX_STEPS && end - low > 1; step++) {
    const last = step === 0 ? end - 1 : Math.floor((low + end) / 2);
    const rows = await timedRows(options, of, low, last);
    const found = rows.findIndex((row) => row.at === undefined || row.at <= at);
    const row = rows[found];
    if (!row) {
      if (rows.length === 0) low = last;
      else end = rows.at(-1)?.offset ?? end;
    } else if (found > 0) return row.offset + 1;
    else low = row.offset;
  }
  return low + 1;
}

/** The newest entry among the rows of a state whose time is not later. */
async function recentBefore(
  { channel, store }: StartOptions,
  { origin, recent }: OriginHistory,
  at: number,
): Promise<PageRow | undefined> {
  const entries = recent.filter(({ isDeletion }) => !isDeletion).reverse();
  const known = entries.findIndex((row) => row.recent?.entry && row.recent.entry.at <= at);
  const newer = known < 0 ? entries : entries.slice(0, known);
  // The state does not have the times of deleted entries.
  const deleted = newer.filter((row) => !row.recent?.entry).map(({ id }) => id);
  const times = await timesOf({ channel, store }, origin, deleted);
  const isEarlier = ({ id }: PageRow) => (times.get(id) ?? at + 1) <= at;
  return newer.find(isEarlier) ?? entries[known];
}

interface TimedRow {
  readonly offset: number;
  /** The time of the entry; undefined if none of the rows that were read has a known time. */
  readonly at: number | undefined;
}

/** The newest rows of entries in a range of offsets, the greatest offset first. */
async function timedRows(
  { channel, store }: StartOptions,
  { history, origin }: OriginHistory,
  after: number,
  last: number,
): Promise<TimedRow[]> {
  const range = { channel, origin, after, before: last + 1, limit: STEP_ROWS };
  const rows = await history.newest(range);
  const entries = rows.filter(({ isDeletion }) => !isDeletion);
  const ids = entries.map(({ id }) => id);
  const times = await timesOf({ channel, store }, origin, ids);
  const timed = entries.flatMap(({ id, offset }) => {
    const at = times.get(id);
    return at === undefined ? [] : [{ offset, at }];
  });
  const [first] = rows;
  // Then the search goes on above them: a page may repeat entries, and never lacks one.
  return timed.length > 0 || !first ? timed : [{ offset: first.offset, at: undefined }];
}

/** The times of an origin's entries; a copy that another origin has counted has another time. */
async function timesOf(
  { channel, store }: Pick<StartOptions, 'channel' | 'store'>,
  origin: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = ids.length > 0 ? await store.find(channel, ids) : [];
  const own = found.filter(({ place }) => place.startsWith(`${origin}@`));
  return new Map(own.map(({ at, id }) => [id, at]));
}
