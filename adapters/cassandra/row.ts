import { types } from 'cassandra-driver';
import type { ColumnType } from '../../schemas/event-type';
import { countedOrigin } from '../../schemas/origins';
import type { FoundEntry } from '../row-store';
import { bodyOf } from '../shared/row-body';
import { hasBodies, type RowsType } from './tables';

/** An origin's cell of a row. */
interface Copy {
  readonly offset: number;
  readonly memberId: string;
  /** When a producer accepted it, ms since the epoch. */
  readonly at: number;
  readonly body: object;
}

/** A row of an event type's table, as the driver returns it. */
type Row = Pick<types.Row, 'get'>;

/** The columns of a row that these functions read, as in a `SELECT`. */
export function readColumns(type: RowsType): string {
  const ofDeletable = [...(hasBodies(type) ? ['bodies'] : []), 'deleted'];
  const all = ['id', 'copies', 'withdrawn', ...(type.isDeletable ? ofDeletable : [])];
  return all.join(', ');
}

/**
 * The entry of a row that has `readColumns`; undefined if it was withdrawn or removed before any
 * copy was stored.
 */
export function entryIn(type: RowsType, row: Row): FoundEntry | undefined {
  const { copies, isDeleted, withdrawn } = copiesIn(type, row);
  const origin = countedOrigin([...copies.keys()], withdrawn) ?? '';
  const copy = copies.get(origin);
  if (!copy) return undefined;
  const { offset, ...entry } = copy;
  const found = { id: String(row.get('id')), ...entry, place: `${origin}@${offset}` };
  return isDeleted ? { ...found, isDeleted } : found;
}

/** The copies of a row by origin, the origins that withdrew theirs, and whether it is deleted. */
export function copiesIn(type: RowsType, row: Row) {
  const copies = new Map<string, Copy>();
  const isDeleted = type.isDeletable === true && row.get('deleted') === true;
  const bodies = tuplesIn(hasBodies(type) && !isDeleted ? row.get('bodies') : undefined);
  for (const [origin, values] of tuplesIn(row.get('copies'))) {
    copies.set(origin, copyIn(type, [...values, ...(bodies.get(origin) ?? [])]));
  }
  const withdrawn: unknown[] = row.get('withdrawn') ?? [];
  return { copies, withdrawn: new Set(withdrawn.map(String)), isDeleted };
}

/** By origin the values of its tuple; the driver returns null for an empty map. */
function tuplesIn(column: unknown): ReadonlyMap<string, readonly unknown[]> {
  const found = new Map<string, readonly unknown[]>();
  for (const [origin, cell] of Object.entries<unknown>(Object(column ?? {}))) {
    if (cell instanceof types.Tuple) found.set(origin, cell.values());
  }
  return found;
}

function copyIn(type: RowsType, tuple: readonly unknown[]): Copy {
  const [offset, memberId, at, ...cells] = tuple;
  const values = Object.values(type.columns).map((kind, index) => valueIn(kind, cells[index]));
  const body = bodyOf(type, values);
  return { offset: Number(offset), memberId: String(memberId), at: Number(at), body };
}

// The driver returns a bigint as an object.
function valueIn(kind: ColumnType, cell: unknown): unknown {
  if (cell === null || cell === undefined) return undefined;
  return kind === 'bigint' ? Number(cell) : cell;
}
