import { type PageItem, placeIn } from './history-cursor';
import type { Walk } from './history-query';
import type { OriginHistory } from './history-rows';

/** The rows of one origin that a page of a walk may have. */
export interface WalkRange {
  readonly of: OriginHistory;
  /** Only rows with a greater offset. */
  readonly after: number;
  /** Only rows with a lower offset. */
  readonly end: number;
}

/**
 * Whether a walk shows a deletion at the place of its entry, so that its own row shows nothing.
 * `read`: rows of the same origin that are read already. Rejects with `store_unavailable`.
 */
export async function isShownWithEntry(
  ranges: readonly WalkRange[],
  { from, known }: Walk,
  origin: string,
  { entry, row }: PageItem,
  read: readonly PageItem[],
): Promise<boolean> {
  const [ofEntry = '', offset = -1] = placeIn(entry);
  const range = ranges.find(({ of }) => of.origin === ofEntry);
  if (!range || offset <= (from.get(ofEntry) ?? -1) || offset >= range.end) return false;
  // The entries of earlier pages were read before a later deletion.
  if (offset <= range.after && row.offset > (known.get(origin) ?? -1)) return false;
  const isRow = ({ row: of }: PageItem): boolean => of.offset === offset && of.id === row.id;
  if (ofEntry === origin && read.some(isRow)) return true;
  return hasEntry(range.of, offset, row.id);
}

/**
 * Whether the history has an entry there. The store may name a later copy of the same log, until
 * the log's owner has stored the first one; the history has only the first one, which may be
 * before the walk.
 */
async function hasEntry(of: OriginHistory, offset: number, id: string): Promise<boolean> {
  const { channel, floor, history, origin, recent } = of;
  const found =
    offset > floor
      ? recent.find((row) => row.offset === offset)
      : (await history.oldest({ channel, origin, after: offset - 1, limit: 1 }))[0];
  return found?.offset === offset && found.id === id && !found.isDeletion;
}
