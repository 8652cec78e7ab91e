import { compareOrigins } from '../origins';
import { vectorText } from '../place';
import type { News, NewsContext, Seen } from '../policy';
import { firstAfter, sizeOf } from './append-ring';
import type { AppendView, Copy, ShownEntry } from './append-view';

/** The most bytes of the events of one feed that are sent at once. */
export const MAX_NEWS_BYTES = 32_768;

/** JSON's bytes of an event besides the entry's own, and of a `gap`; and those of a deletion. */
const EVENT_FRAME_BYTES = 256;

/** How a type's entries are named in events. */
export interface AppendNames {
  /** The type's name, and the field of snapshots: `comments`. */
  readonly name: string;
  /** The event of one entry: `comment`. A deletion is `comment_deleted`. */
  readonly event: string;
  /** The field of an entry's id: `commentId`. */
  readonly idName: string;
  /** The kind of its channels: `video`. */
  readonly channelKind: string;
}

/** An entry or a deletion that a viewer has not seen. */
interface Item {
  /** The index of its origin in the view. */
  readonly at: number;
  readonly offset: number;
  readonly id: string;
  /** Undefined if it is a deletion. */
  readonly entry: ShownEntry | undefined;
  readonly bytes: number;
  /** Of a copy that is not sent: the one that is. Nothing after this item is sent before it. */
  readonly hiddenBy?: Copy | undefined;
  /** When it was accepted, ms since the epoch; a deletion has no time. */
  readonly time: number;
}

/** A deletion comes at its turn. */
const AT_ONCE = Number.NEGATIVE_INFINITY;

type Versions = ReadonlyMap<string, number>;

/** An entry as viewers are shown it; with the id of its channel, if that is given. */
export function shownData(
  { channelKind, idName }: Pick<AppendNames, 'channelKind' | 'idName'>,
  origin: string,
  { at, body, id, memberId, offset }: ShownEntry,
  channelId?: string,
): object {
  return {
    [idName]: id,
    ...(channelId !== undefined && { [`${channelKind}Id`]: channelId }),
    memberId,
    ...(typeof body === 'object' && body),
    at,
    place: `${origin}@${offset}`,
  };
}

/**
 * The events from what a viewer has seen to the view. First a `gap`, if something cannot be sent:
 * its link gives exactly what is left out. Then entries and deletions, merged by `at`, in the order
 * of each origin; each with what the viewer has seen once it has read it.
 */
export function appendNews(
  names: AppendNames,
  view: AppendView,
  { versions }: Seen,
  context: NewsContext,
): News[] {
  const unseen = view.origins.map((_, at) => unseenOf(view, at, versions));
  const all = merged(unseen);
  const first = firstToSend(all, context.maxEntries);
  const leftOut = leftOutUpTo(view, versions, all.slice(0, first));
  const news: News[] = [];
  let reached = versions;
  if (leftOut.size > 0) {
    const link = historyOf(names, context.channelId, versions, leftOut);
    for (const [origin, offset] of leftOut) reached = advanced(reached, origin, offset);
    const data = { missed: names.name, history: link };
    news.push({ event: 'gap', data, reached: { total: 0, versions: reached } });
  }
  const deleted = new Set<string>();
  for (const item of all.slice(first)) {
    const origin = view.origins[item.at]?.origin;
    // Of the deletions of one id in several logs, one is sent.
    if (origin === undefined || (!item.entry && deleted.has(item.id))) continue;
    if (!item.entry) deleted.add(item.id);
    reached = advanced(reached, origin, item.offset);
    const event = eventOf(names, context.channelId, origin, item);
    news.push({ ...event, reached: { total: 0, versions: reached } });
  }
  // The last event reaches the whole state: nothing after it is shown.
  const last = news.pop();
  if (last) news.push({ event: last.event, data: last.data });
  return news;
}

function eventOf(names: AppendNames, channelId: string, origin: string, item: Item): News {
  const { entry, id } = item;
  if (!entry) return { event: `${names.event}_deleted`, data: { [names.idName]: id } };
  return { event: names.event, data: shownData(names, origin, entry, channelId) };
}

/** The entries and deletions of one origin that a viewer has not seen and can be sent, in order. */
function unseenOf(view: AppendView, at: number, versions: Versions): Item[] {
  const found = view.origins[at];
  if (!found) return [];
  const { origin, ring } = found;
  const after = Math.max(versions.get(origin) ?? -1, ring.floor);
  const items: Item[] = [];
  for (let index = firstAfter(ring.entries, after); index < ring.entries.length; index++) {
    const entry = ring.entries[index];
    if (!entry) continue;
    const { at: time, id, offset } = entry;
    const hiddenBy = view.shownElsewhere(at, id);
    if (hiddenBy) items.push({ at, offset, id, entry: undefined, bytes: 0, hiddenBy, time });
    if (!view.isShown(at, entry) || view.wasSent(at, id, versions)) continue;
    items.push({ at, offset, id, entry, bytes: EVENT_FRAME_BYTES + sizeOf(entry), time });
  }
  // Also those that another log has: a viewer whose place is after that one may not have been sent
  // it, because the state that it began with had evicted it, and not the entry.
  const firstDeletion = firstAfter(ring.deletions, after);
  if (firstDeletion === ring.deletions.length) return items;
  for (const { id, offset } of ring.deletions.slice(firstDeletion)) {
    const [bytes, time] = [EVENT_FRAME_BYTES, AT_ONCE];
    items.push({ at, offset, id, entry: undefined, bytes, time });
  }
  return items.sort((one, other) => one.offset - other.offset);
}

/**
 * Merges the items of all origins by `at`. A copy that is sent comes before all that is after its
 * hidden copies: a viewer whose place is after one of these is not sent the id any more.
 */
function merged(lists: readonly Item[][]): readonly Item[] {
  const [only] = lists;
  if (only && lists.length === 1) return only;
  const heads = lists.map(() => 0);
  const headOf = (at: number): Item | undefined => lists[at]?.[heads[at] ?? 0];
  const all: Item[] = [];
  for (;;) {
    const next = earliest(lists.map((_, at) => headOf(at)));
    if (!next) return all;
    const item = firstOf(next, headOf);
    if (!item.hiddenBy) all.push(item);
    heads[item.at] = (heads[item.at] ?? 0) + 1;
  }
}

/** The item itself, or what must be sent before it, from the log of an earlier datacenter. */
function firstOf(item: Item, headOf: (at: number) => Item | undefined): Item {
  const { hiddenBy } = item;
  const other = hiddenBy && headOf(hiddenBy.at);
  return other && other.offset <= hiddenBy.offset ? firstOf(other, headOf) : item;
}

/** The item with the lowest time; the first one of equal times. */
function earliest(items: readonly (Item | undefined)[]): Item | undefined {
  let found: Item | undefined;
  for (const item of items) if (item && (!found || item.time < found.time)) found = item;
  return found;
}

/** The index of the first item that is sent: the newest ones, within the bounds. */
function firstToSend(all: readonly Item[], maxEntries: number): number {
  let entries = 0;
  let bytes = EVENT_FRAME_BYTES;
  let first = all.length;
  for (; first > 0; first--) {
    const item = all[first - 1];
    if (!item) break;
    if (item.entry) entries += 1;
    bytes += item.bytes;
    if (entries > maxEntries || bytes > MAX_NEWS_BYTES) break;
  }
  return first;
}

/** By origin, the offset up to which entries are left out; only origins that leave some out. */
function leftOutUpTo(view: AppendView, versions: Versions, leftOut: readonly Item[]): Versions {
  const upTo = new Map<string, number>();
  for (const { origin, ring } of view.origins) {
    if (ring.floor > (versions.get(origin) ?? -1)) upTo.set(origin, ring.floor);
  }
  for (const { at, offset } of leftOut) {
    const origin = view.origins[at]?.origin;
    if (origin !== undefined) upTo.set(origin, Math.max(upTo.get(origin) ?? -1, offset));
  }
  return upTo;
}

/** The path of what lies after the seen versions, up to these places. */
function historyOf(
  { channelKind, name }: AppendNames,
  channelId: string,
  versions: Versions,
  upTo: Versions,
): string {
  // All origins, so that a page has no copy of what the viewer was sent of another origin.
  const all = new Map([...versions, ...upTo]);
  const ends = new Map([...all].sort(([one], [other]) => compareOrigins(one, other)));
  const query = `after=${vectorText(versions)}&upTo=${vectorText(ends)}`;
  return `/${channelKind}s/${channelId}/${name}?${query}`;
}

/** The versions with an origin's one advanced; origins stay in order. */
function advanced(versions: Versions, origin: string, offset: number): Versions {
  const after = new Map(versions);
  after.set(origin, Math.max(versions.get(origin) ?? -1, offset));
  if (versions.has(origin)) return after;
  return new Map([...after].sort(([one], [other]) => compareOrigins(one, other)));
}
