import { types } from 'cassandra-driver';
import type {
  CassandraSession,
  StatementClient,
  Values,
} from '../../../adapters/cassandra/session';
import { hasBodies } from '../../../adapters/cassandra/tables';
import type { ColumnType, LoggedType } from '../../../schemas/event-type';

type Info = { readonly code: number; readonly info?: unknown };

interface Encoder {
  encode(value: unknown, info: Info): Buffer;
  decode(bytes: Buffer, info: Info): unknown;
}

// The driver's own, which its types leave out: values make the same way as over the network.
const DriverEncoder: new (
  protocolVersion: number,
  options: object,
) => Encoder = require('cassandra-driver/lib/encoder');
const encoder = new DriverEncoder(4, {});

const { bigint, boolean, tuple, varchar } = types.dataTypes;
const CODES: Readonly<Record<ColumnType, number>> = { bigint, boolean, text: varchar };
const HEAD: readonly ColumnType[] = ['bigint', 'text', 'bigint'];

interface Cell {
  readonly timestamp: number;
  readonly bytes: Buffer;
}

/** The tuples of a type's rows; without `body`, its columns are in `copy`. */
interface Tuples {
  readonly copy: Info;
  readonly body?: Info;
}

/** The cells of one row: copies and bodies by origin, and the origins in `withdrawn`. */
interface Row {
  readonly key: readonly unknown[];
  readonly copies: Map<string, Cell>;
  readonly bodies: Map<string, Cell>;
  readonly withdrawn: Set<string>;
  /** Bodies up to this timestamp are cleared. */
  clearedAt: number;
  isDeleted: boolean;
}

interface SavedState {
  readonly values: readonly string[];
  readonly timestamp: number;
}

/**
 * The tables of event types and of states, for the statements that the stores use. As in Cassandra,
 * the cell with the greatest timestamp stays.
 */
export class FakeTables implements CassandraSession, StatementClient {
  readonly queries: string[] = [];
  private readonly rows = new Map<string, Row>();
  /** By channel, then by type and origin. */
  private readonly states = new Map<string, Map<string, SavedState>>();
  private readonly infos: ReadonlyMap<string, Tuples>;

  constructor(all: readonly LoggedType[]) {
    const infoOf = (kinds: readonly ColumnType[]): Info => {
      return { code: tuple, info: kinds.map((kind) => ({ code: CODES[kind] })) };
    };
    const tuplesOf = (type: LoggedType): Tuples => {
      const columns = Object.values(type.columns);
      if (!hasBodies(type)) return { copy: infoOf([...HEAD, ...columns]) };
      return { copy: infoOf(HEAD), body: infoOf(columns) };
    };
    this.infos = new Map(all.map((type) => [type.name.replaceAll('-', '_'), tuplesOf(type)]));
  }

  async execute(query: string, values: Values): Promise<types.Row[] & types.ResultSet> {
    this.queries.push(query);
    const rows = this.run(query, values).map((row) => ({ get: (name: string) => row[name] }));
    return Object.assign(rows, { rows }) as unknown as types.Row[] & types.ResultSet;
  }

  async executeAll(query: string, all: readonly Values[]): Promise<readonly types.Row[]> {
    return (await Promise.all(all.map((values) => this.execute(query, values)))).flat();
  }

  async executeBatches(query: string, batches: readonly (readonly Values[])[]): Promise<void> {
    await Promise.all(batches.flat().map((values) => this.execute(query, values)));
  }

  private run(query: string, values: Values): Record<string, unknown>[] {
    const [, table = ''] = /(?:FROM|UPDATE|INTO) "?(\w+)"?/.exec(query) ?? [];
    if (table === 'states') return this.runOnStates(query, values);
    const info = this.infos.get(table);
    if (!info) throw new Error(`no table ${table}`);
    if (query.startsWith('SELECT')) return this.select(table, info, query, values);
    for (const key of keysIn(values)) {
      const name = `${table} ${key.join(' ')}`;
      const row = this.rows.get(name) ?? emptyRow(key);
      this.rows.set(name, row);
      if (query.includes('SET copies[?] = ?')) write(row, info, values);
      else if (query.includes('SET deleted = true, bodies = {}')) clear(row, values);
      else for (const origin of values[1] as string[]) row.withdrawn.add(origin);
    }
    return [];
  }

  private select(table: string, info: Tuples, query: string, values: Values) {
    if (query.includes(' IN ?')) {
      const rows = keysIn(values).map((key) => this.rows.get(`${table} ${key.join(' ')}`));
      return rows.flatMap((row) => (row ? [columnsOf(row, info)] : []));
    }
    const ofTable = [...this.rows].filter(([name]) => name.startsWith(`${table} `));
    const rows = selected(
      ofTable.map(([, { key }]) => key),
      query,
      values,
    );
    return ofTable
      .filter(([, { key }]) => rows.includes(key))
      .map(([, row]) => columnsOf(row, info));
  }

  private runOnStates(query: string, values: Values): Record<string, unknown>[] {
    const ofChannel = this.states.get(String(values[0])) ?? new Map<string, SavedState>();
    if (query.startsWith('SELECT')) {
      const some = query.includes('token(') ? [...this.states.values()] : [ofChannel];
      const all = some.flatMap((saved) => [...saved.values()].map((each) => each.values));
      return selected(all, query, values).map(([channel, type, origin, state]) => {
        return { channel, type, origin, state };
      });
    }
    const [timestamp, row] = [Number(values.at(-1)), values.slice(0, -1).map(String)];
    const name = row.slice(1, 3).join(' ');
    const before = ofChannel.get(name)?.timestamp ?? -1;
    if (timestamp > before) ofChannel.set(name, { values: row, timestamp });
    this.states.set(String(values[0]), ofChannel);
    return [];
  }
}

/** The keys of a statement whose last values are a channel, a shard and ids. */
function keysIn(values: Values): (readonly unknown[])[] {
  const [channel, shard, ids] = values.slice(-3);
  return (ids as string[]).map((id) => [channel, shard, id]);
}

/** The keys that a query selects: those that begin with its values, or a range of tokens. */
function selected<K extends readonly unknown[]>(
  keys: readonly K[],
  query: string,
  values: Values,
): readonly K[] {
  // The first of all ranges of tokens has all rows.
  if (query.includes('token(')) return String(values[0]) === String(-(2n ** 63n)) ? keys : [];
  return keys.filter((key) => values.every((value, at) => key[at] === value));
}

function emptyRow(key: readonly unknown[]): Row {
  const maps = { copies: new Map(), bodies: new Map(), withdrawn: new Set<string>() };
  return { key, ...maps, clearedAt: -1, isDeleted: false };
}

function write({ bodies, clearedAt, copies }: Row, { body, copy }: Tuples, values: Values): void {
  const [timestamp, origin, copied, , bodied] = values;
  writeCell(copies, String(origin), Number(timestamp), encoder.encode(copied, copy));
  if (!body || Number(timestamp) <= clearedAt) return;
  writeCell(bodies, String(origin), Number(timestamp), encoder.encode(bodied, body));
}

function writeCell(
  cells: Map<string, Cell>,
  origin: string,
  timestamp: number,
  bytes: Buffer,
): void {
  const before = cells.get(origin)?.timestamp ?? -1;
  if (timestamp > before) cells.set(origin, { timestamp, bytes });
}

// As Cassandra does, a map that is set is cleared 1 µs before the statement's timestamp.
function clear(row: Row, [timestamp]: Values): void {
  row.clearedAt = Math.max(row.clearedAt, Number(timestamp) - 1);
  row.isDeleted = true;
  for (const [origin, cell] of row.bodies) {
    if (cell.timestamp <= row.clearedAt) row.bodies.delete(origin);
  }
}

function columnsOf(row: Row, { body, copy }: Tuples): Record<string, unknown> {
  const { bodies, copies, isDeleted, key, withdrawn } = row;
  const [channel, shard, id] = key;
  return {
    ...{ channel, shard, id },
    copies: mapOf(copies, copy),
    ...(body && { bodies: mapOf(bodies, body), deleted: isDeleted ? true : null }),
    withdrawn: withdrawn.size > 0 ? [...withdrawn] : null,
  };
}

// The driver returns null for an empty collection.
function mapOf(cells: ReadonlyMap<string, Cell>, info: Info): object | null {
  const all = [...cells].map(([origin, { bytes }]) => [origin, encoder.decode(bytes, info)]);
  return all.length > 0 ? Object.fromEntries(all) : null;
}
