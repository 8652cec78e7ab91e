import { types } from 'cassandra-driver';
import type {
  CassandraSession,
  StatementClient,
  Values,
} from '../../../adapters/cassandra/session';
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

/** The cells of one row: the copies by origin, and the origins in `withdrawn`. */
interface Row {
  readonly key: readonly unknown[];
  readonly copies: Map<string, Cell>;
  readonly withdrawn: Set<string>;
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
  private readonly infos: ReadonlyMap<string, Info>;

  constructor(all: readonly LoggedType[]) {
    const infoOf = ({ columns }: LoggedType): Info => {
      const kinds = [...HEAD, ...Object.values(columns)];
      return { code: tuple, info: kinds.map((kind) => ({ code: CODES[kind] })) };
    };
    this.infos = new Map(all.map((type) => [type.name.replaceAll('-', '_'), infoOf(type)]));
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
      const row = this.rows.get(name) ?? { key, copies: new Map(), withdrawn: new Set() };
      this.rows.set(name, row);
      if (query.includes('SET copies[?] = ?')) write(row, info, values);
      else for (const origin of values[1] as string[]) row.withdrawn.add(origin);
    }
    return [];
  }

  private select(table: string, info: Info, query: string, values: Values) {
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

function write({ copies }: Row, info: Info, [timestamp, origin, copy]: Values): void {
  const cell = { timestamp: Number(timestamp), bytes: encoder.encode(copy, info) };
  const before = copies.get(String(origin))?.timestamp ?? -1;
  if (cell.timestamp > before) copies.set(String(origin), cell);
}

function columnsOf({ copies, key, withdrawn }: Row, info: Info): Record<string, unknown> {
  const [channel, shard, id] = key;
  const cells = [...copies].map(([origin, { bytes }]) => [origin, encoder.decode(bytes, info)]);
  // The driver returns null for an empty collection.
  return {
    ...{ channel, shard, id },
    copies: cells.length > 0 ? Object.fromEntries(cells) : null,
    withdrawn: withdrawn.size > 0 ? [...withdrawn] : null,
  };
}
