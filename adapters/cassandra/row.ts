import { types } from 'cassandra-driver';
import type { ColumnType, LoggedType } from '../../schemas/event-type';
import { countedOrigin } from '../../schemas/origins';
import type { FoundEntry } from '../row-store';
import { bodyOf } from '../shared/row-body';

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

/**
 * The entry of a row that has `id`, `copies` and `withdrawn`; undefined if it was withdrawn before
 * any copy was stored.
 */
export function entryIn(type: Pick<LoggedType, 'columns'>, row: Row): FoundEntry | undefined {
  const { copies, withdrawn } = copiesIn(type, row);
  const origin = countedOrigin([...copies.keys()], withdrawn) ?? '';
  const copy = copies.get(origin);
  if (!copy) return undefined;
  const { offset, ...entry } = copy;
  return { id: String(row.get('id')), ...entry, place: `${origin}@${offset}` };
}

/** The copies of a row by origin, and the origins that withdrew theirs. */
export function copiesIn(type: Pick<LoggedType, 'columns'>, row: Row) {
  const copies = new Map<string, Copy>();
  for (const [origin, cell] of Object.entries<unknown>(row.get('copies') ?? {})) {
    if (cell instanceof types.Tuple) copies.set(origin, copyIn(type, cell));
  }
  const withdrawn: unknown[] = row.get('withdrawn') ?? [];
  return { copies, withdrawn: new Set(withdrawn.map(String)) };
}

function copyIn(type: Pick<LoggedType, 'columns'>, cell: types.Tuple): Copy {
  const [offset, memberId, at, ...cells]: unknown[] = cell.values();
  const values = Object.values(type.columns).map((kind, index) => valueIn(kind, cells[index]));
  const body = bodyOf(type, values);
  return { offset: Number(offset), memberId: String(memberId), at: Number(at), body };
}

// The driver returns a bigint as an object.
function valueIn(kind: ColumnType, cell: unknown): unknown {
  if (cell === null || cell === undefined) return undefined;
  return kind === 'bigint' ? Number(cell) : cell;
}
