import { z } from 'zod';
import { compareOrigins } from '../origins';
import type { Admission, Entry, LoggedPolicy, News, Seen } from '../policy';
import { newest, type Vector } from '../state';
import {
  type Cell,
  type Cells,
  type CompareCells,
  cellIn,
  cellsShape,
  countedCells,
  EMPTY_CELLS,
  type OriginCell,
  withCell,
} from './cells';

/** The cells that count, in the order of their origins and places. */
export interface LatestView {
  readonly cells: readonly OriginCell[];
}

export interface LatestOptions<Body> {
  /** The event's name on the stream: one event for each changed cell. */
  readonly event: string;
  /** The field of snapshots and answers. */
  readonly field: string;
  /** The cell that an entry writes; `before` is the cell of the same log that it replaces. */
  readonly cellOf: (entry: EntryFields<Body>, before: (key: string) => Cell | undefined) => NewCell;
  /** Orders the cells of one key. A greater one replaces the other, in whichever log it is. */
  readonly compare: CompareCells;
  /**
   * What becomes of an origin's cells with a new one; the bounds of the state. A function of its
   * parameters alone. Returns `before` if the new one has no room.
   */
  readonly bounded: (after: Cells, before: Cells) => Cells;
  /** What a producer appends: see `LoggedPolicy.admit`. */
  readonly admit: (view: LatestView, entry: EntryFields<Body>) => Admission<Body>;
  /** The data of a cell's event. */
  readonly dataOf: (cell: Cell) => object;
  /** The value of `field`, from the cells that count. */
  readonly snapshotOf: (cells: readonly OriginCell[]) => unknown;
  /** The shapes of `dataOf` and `snapshotOf`. */
  readonly shapes?: { readonly data: z.ZodObject; readonly snapshot: z.ZodType } | undefined;
  /** The most events that a viewer is sent at once: those of the newest cells. */
  readonly maxNews: number;
  /** Whether a cell's event is not sent to streams of the member that its key names. */
  readonly isForOthers?: boolean;
}

/** What decides over a cell, besides its place. */
export type EntryFields<Body> = Pick<Entry<Body>, 'memberId' | 'body'>;

/** A cell before it has a place. */
export type NewCell = Pick<Cell, 'key' | 'stamp' | 'value'>;

/**
 * The policy of values that replace each other, by key. An origin's state is a function of its own
 * log, and is always sent and kept whole: the newest version of it wins. Viewers see the greatest
 * cell of each key over all origins.
 */
export function latest<Body>(options: LatestOptions<Body>): LoggedPolicy<Body, Cells, LatestView> {
  const { bounded, cellOf, compare, event, field, isForOthers = false, shapes } = options;
  const changed = (view: LatestView, seen: Seen) => view.cells.filter((cell) => isNews(cell, seen));
  const newsOf = (cell: OriginCell, reached: Seen | undefined): News => ({
    event,
    data: options.dataOf(cell),
    reached,
    exceptMember: isForOthers ? cell.key : undefined,
  });
  const viewOf = (states: Vector<Cells>): LatestView => {
    return { cells: countedCells(states, compare).sort(comparePlaces) };
  };
  return {
    shapes: shapes && {
      snapshot: z.object({ [field]: shapes.snapshot }),
      events: { [event]: shapes.data },
    },
    state: cellsShape,
    empty: EMPTY_CELLS,
    merge: newest,
    fold(before, entry, offset) {
      const made = cellOf(entry, (key) => cellIn(before, key));
      const cell = { version: offset, at: entry.at, ...made };
      const replaced = cellIn(before, cell.key);
      if (replaced && compare(cell, replaced) <= 0) return before;
      return bounded(withCell(before, cell), before);
    },
    undoKey: () => '',
    unfold: (before) => before,
    admit: (states, entry) => options.admit(viewOf(states), entry),
    cell(view, key) {
      const found = view.cells.find((cell) => cell.key === key);
      if (!found || found.value === null) return undefined;
      return { value: found.value, place: placeOf(found) };
    },
    view: viewOf,
    same: (one, other) => JSON.stringify(one) === JSON.stringify(other),
    total: () => 0,
    snapshot: ({ cells }) => ({ [field]: options.snapshotOf(cells) }),
    news(view, seen) {
      const cells = changed(view, seen);
      const sent = new Set(newestCells(cells, options.maxNews));
      const events: News[] = [];
      for (const [index, cell] of cells.entries()) {
        if (sent.has(cell)) events.push(newsOf(cell, reachedBy(cells.slice(0, index + 1), seen)));
      }
      const last = events.pop();
      return last ? [...events, { ...last, reached: undefined }] : [];
    },
    count: (view, seen) => Math.min(changed(view, seen).length, options.maxNews),
  };
}

/** The cells that were accepted last, the newest one first. */
export function newestCells(cells: readonly OriginCell[], count: number): OriginCell[] {
  const byTime = (one: Cell, other: Cell): number => {
    return other.at - one.at || (one.key < other.key ? -1 : 1);
  };
  return [...cells].sort(byTime).slice(0, count);
}

/** The place of a cell, as text: `dc1.1@1420`. */
export function placeOf({ origin, version }: OriginCell): string {
  return `${origin}@${version}`;
}

function isNews({ origin, version }: OriginCell, { versions }: Seen): boolean {
  return version > (versions.get(origin) ?? -1);
}

function comparePlaces(one: OriginCell, other: OriginCell): number {
  return compareOrigins(one.origin, other.origin) || one.version - other.version;
}

/** What a viewer has seen once it has read the events of these cells, too. Origins are in order. */
function reachedBy(cells: readonly OriginCell[], { total, versions }: Seen): Seen {
  const reached = new Map(versions);
  for (const { origin, version } of cells) reached.set(origin, version);
  const inOrder = [...reached].sort(([one], [other]) => compareOrigins(one, other));
  return { total, versions: new Map(inOrder) };
}
