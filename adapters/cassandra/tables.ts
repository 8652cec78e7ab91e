import type { LoggedType } from '../../schemas/event-type';

/** A table of the keyspace. */
export interface Table {
  readonly name: string;
  /** The CQL type of each column, by name. */
  readonly columns: Readonly<Record<string, string>>;
  /** The primary key: the columns in the parentheses of its CQL. */
  readonly key: string;
  /** The event type whose rows it has. */
  readonly type?: string | undefined;
}

/** The number of the layout of these tables; it stands in `installation`. */
export const FORMAT = 2;

/** The table that has the format; set-up creates it first. */
export const INSTALLATION: Table = {
  name: 'installation',
  columns: { id: 'text', format: 'int' },
  key: 'id',
};

/**
 * The tables that do not depend on event types.
 * - `states`: a saved state, in one cell.
 * - `logs`: the topics in whose offsets an origin's versions count, with Kafka's ids of them.
 * - `drains`: the state of a log's drain, and the end of each partition of each type.
 * - `processes`: the beat of each producer and dispatcher.
 * - `facts`: what operators have set (`fact-store.ts`).
 * - `history`: the order of entries, `history_buckets`: where its parts begin (`history.ts`).
 */
const SHARED_TABLES: readonly Table[] = [
  {
    name: 'states',
    columns: { channel: 'text', type: 'text', origin: 'text', state: 'text' },
    key: 'channel, type, origin',
  },
  {
    name: 'logs',
    columns: { origin: 'text', topic: 'text', topic_id: 'text', partitions: 'int' },
    key: 'origin, topic',
  },
  {
    name: 'drains',
    columns: {
      ...{ origin: 'text', type: 'text', partition: 'int' },
      ...{ state: 'text static', end_offset: 'bigint' },
    },
    key: 'origin, type, partition',
  },
  {
    name: 'processes',
    columns: { datacenter: 'text', id: 'text', role: 'text', origin: 'text', beat: 'bigint' },
    key: 'datacenter, id',
  },
  {
    name: 'facts',
    columns: {
      ...{ bucket: 'text', name: 'text', holds: 'boolean' },
      changes: 'map<text, bigint> static',
    },
    key: 'bucket, name',
  },
  {
    name: 'history',
    columns: {
      ...{ type: 'text', channel: 'text', origin: 'text', bucket: 'int', offset: 'bigint' },
      ...{ number: 'bigint', id: 'text', is_deletion: 'boolean' },
    },
    key: '(type, channel, origin, bucket), offset',
  },
  {
    name: 'history_buckets',
    columns: {
      ...{ type: 'text', channel: 'text', origin: 'text', first_offset: 'bigint' },
      bucket: 'int',
    },
    key: '(type, channel, origin), first_offset',
  },
];

/** The fields of a type by which its table differs. */
export type RowsType = Pick<LoggedType, 'columns' | 'isDeletable' | 'name' | 'rows'>;

/** The table with the rows of an event type, quoted as in a statement. */
export function tableOf(type: Pick<LoggedType, 'name'>): string {
  return `"${nameOf(type)}"`;
}

/** Whether bodies have a column of their own, which a removal clears for all later copies, too. */
export function hasBodies({ columns, isDeletable }: Omit<RowsType, 'name'>): boolean {
  return isDeletable === true && Object.keys(columns).length > 0;
}

/**
 * All tables: the shared ones, and one an event type that has rows, with one row an id. A partition
 * of its rows is a channel and a shard; the key has no time. `copies` has the first copy in each
 * origin's log: offset, member, time, then the type's columns. `withdrawn` has the origins whose
 * logs have cancelled their copy. If entries can be deleted, the type's columns are in `bodies`,
 * and `deleted` says whether the entry was. Throws an Error if a type has the name of another
 * table.
 */
export function tablesOf(all: readonly RowsType[]): readonly Table[] {
  const shared = [INSTALLATION, ...SHARED_TABLES];
  const withRows = all.filter(({ rows }) => rows !== 'none');
  const taken = withRows.find((type) => shared.some(({ name }) => name === nameOf(type)));
  if (taken) throw new Error(`event type ${taken.name}: the store has another table of this name`);
  return [...shared, ...withRows.map(rowsTable)];
}

/** The statement that creates a table if it is missing. */
export function createTable({ columns, key, name }: Table): string {
  const fields = Object.entries(columns).map(([column, kind]) => `${column} ${kind}`);
  return `CREATE TABLE IF NOT EXISTS "${name}" (${fields.join(', ')}, PRIMARY KEY (${key}))`;
}

function rowsTable(type: RowsType): Table {
  const head = ['bigint', 'text', 'bigint'];
  const body = Object.values(type.columns);
  const copy = hasBodies(type) ? head : [...head, ...body];
  return {
    name: nameOf(type),
    columns: {
      ...{ channel: 'text', shard: 'int', id: 'text' },
      copies: mapOf(copy),
      ...(hasBodies(type) && { bodies: mapOf(body) }),
      withdrawn: 'set<text>',
      ...(type.isDeletable && { deleted: 'boolean' }),
    },
    key: '(channel, shard), id',
    type: type.name,
  };
}

/** By origin, a tuple. */
function mapOf(kinds: readonly string[]): string {
  return `map<text, frozen<tuple<${kinds.join(', ')}>>>`;
}

function nameOf({ name }: Pick<LoggedType, 'name'>): string {
  return name.replaceAll('-', '_');
}
