import { setUpTables } from '../../../adapters/cassandra/set-up-tables';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import { Names } from '../../../schemas/names';
import { ratings, storedTypes, types } from '../../contract/stores-types';

type Values = Readonly<Record<string, unknown>>;

/** A keyspace: it keeps the columns of the tables that are created, and the format. */
class FakeKeyspace {
  readonly created: string[] = [];
  readonly columns: Values[] = [];
  readonly queries: string[] = [];
  format: unknown;

  async execute(query: string, values: unknown[] = []) {
    this.queries.push(query);
    const [, name] = /^CREATE TABLE IF NOT EXISTS "(\w+)"/.exec(query) ?? [];
    if (name !== undefined) this.create(name, query);
    if (query.startsWith('INSERT INTO installation')) this.format = values[1];
    return { rows: this.rowsOf(query).map((row) => ({ get: (column: string) => row[column] })) };
  }

  /** Adds a table; `columns` are `NAME TYPE`. */
  add(table: string, ...columns: string[]): void {
    for (const column of columns) {
      const [, name, type] = /^(\S+) (.*)$/.exec(column) ?? [];
      this.columns.push({ table_name: table, column_name: name, type });
    }
  }

  drop(...tables: string[]): void {
    const left = this.columns.filter(({ table_name }) => !tables.includes(String(table_name)));
    this.columns.splice(0, this.columns.length, ...left);
  }

  private create(name: string, query: string): void {
    if (this.columns.some((column) => column.table_name === name)) return;
    this.created.push(name);
    const [, columns = ''] = /\((.*), PRIMARY KEY/.exec(query) ?? [];
    // Commas inside `<…>` do not separate columns.
    const each = columns.split(/, (?=[a-z_]+ [a-z]+(?:<| static|,|$))/);
    this.add(name, ...each.map((column) => column.replace(' static', '')));
  }

  private rowsOf(query: string): readonly Values[] {
    if (query.includes('system_schema.keyspaces')) return this.columns.slice(0, 1);
    if (query.includes('system_schema.columns')) return this.columns;
    if (query.startsWith('SELECT format')) {
      return this.format === undefined ? [] : [{ format: this.format }];
    }
    return [];
  }
}

const HISTORY = ['history', 'history_buckets'];

const options = { types, names: new Names('other'), replication: "'dc1': 3" };

async function refusal(keyspace: FakeKeyspace, change: Partial<typeof options> = {}) {
  const created = keyspace.created.length;
  const error: unknown = await setUpTables(keyspace, { ...options, ...change }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(keyspace.created).toHaveLength(created);
  expect(error).toMatchObject({ code: 'log_mismatch', retriable: false });
  const text = String(error);
  expect(text).not.toContain('\n');
  expect(text).toContain('NAMESPACE');
  return text;
}

describe('setUpTables', () => {
  it("creates the namespace's keyspace, and the tables of all event types", async () => {
    const keyspace = new FakeKeyspace();
    await setUpTables(keyspace, options);
    expect(keyspace.queries.slice(1, 3)).toEqual([
      'CREATE KEYSPACE IF NOT EXISTS "other" WITH replication = ' +
        "{'class': 'NetworkTopologyStrategy', 'dc1': 3}",
      'USE "other"',
    ]);
    expect(keyspace.created).toEqual([
      ...['installation', 'states', 'logs', 'drains', 'processes', 'facts'],
      ...HISTORY,
      ...['likes', 'star_ratings'],
    ]);
    expect(keyspace.queries).toContain(
      'CREATE TABLE IF NOT EXISTS "star_ratings" (channel text, shard int, id text, ' +
        'copies map<text, frozen<tuple<bigint, text, bigint, bigint, text, boolean>>>, ' +
        'withdrawn set<text>, PRIMARY KEY ((channel, shard), id))',
    );
  });

  it('writes the format before it creates any other table', async () => {
    const keyspace = new FakeKeyspace();
    await setUpTables(keyspace, options);
    expect(keyspace.format).toBe(2);
    const at = (part: string) => keyspace.queries.findIndex((query) => query.includes(part));
    expect(at('INSERT INTO installation')).toBeGreaterThan(at('"installation"'));
    expect(at('INSERT INTO installation')).toBeLessThan(at('"states"'));
  });

  it('may run again, also after an interruption, and adds the tables of new types', async () => {
    const keyspace = new FakeKeyspace();
    keyspace.add('installation', 'id text', 'format int');
    await setUpTables(keyspace, { ...options, types: new EventTypes([likes]) });
    expect(keyspace.created).toEqual([
      ...['states', 'logs', 'drains', 'processes', 'facts'],
      ...HISTORY,
      'likes',
    ]);
    await setUpTables(keyspace, options);
    expect(keyspace.created.slice(8)).toEqual(['star_ratings']);
    await setUpTables(keyspace, options);
    expect(keyspace.created).toHaveLength(9);
  });
});

describe('the tables of types with deletions and histories', () => {
  it('have columns for bodies and deletions; a type without rows has no table', async () => {
    const keyspace = new FakeKeyspace();
    await setUpTables(keyspace, { ...options, types: storedTypes });
    expect(keyspace.created.slice(8)).toEqual(['likes', 'star_ratings', 'notes']);
    expect(keyspace.queries).toContain(
      'CREATE TABLE IF NOT EXISTS "notes" (channel text, shard int, id text, ' +
        'copies map<text, frozen<tuple<bigint, text, bigint>>>, ' +
        'bodies map<text, frozen<tuple<text, boolean>>>, ' +
        'withdrawn set<text>, deleted boolean, PRIMARY KEY ((channel, shard), id))',
    );
  });

  it('adds the tables of histories to a keyspace of an earlier version', async () => {
    const keyspace = new FakeKeyspace();
    await setUpTables(keyspace, options);
    keyspace.drop(...HISTORY);
    await setUpTables(keyspace, options);
    expect(keyspace.created.slice(-2)).toEqual(HISTORY);
    expect(keyspace.format).toBe(2);
  });
});

describe('setUpTables, run again', () => {
  it('creates nothing that exists, so that it needs no right to create', async () => {
    const keyspace = new FakeKeyspace();
    await setUpTables(keyspace, options);
    const { length } = keyspace.queries;
    await setUpTables(keyspace, options);
    const again = keyspace.queries.slice(length);
    expect(again.filter((query) => query.startsWith('CREATE'))).toEqual([]);
  });

  it('accepts a table that has more columns, and types without the word `frozen`', async () => {
    const keyspace = new FakeKeyspace();
    await setUpTables(keyspace, options);
    keyspace.add('states', 'later text');
    for (const [at, column] of keyspace.columns.entries()) {
      const type = String(column.type).replace(/frozen<(.*)>>$/, '$1>');
      keyspace.columns[at] = { ...column, type };
    }
    await expect(setUpTables(keyspace, options)).resolves.toBeUndefined();
  });
});

describe('setUpTables, with the data of other versions', () => {
  it('refuses a keyspace of an earlier format, which has no table of the format', async () => {
    const keyspace = new FakeKeyspace();
    keyspace.add('likes', 'channel text', 'shard int', 'like_id text');
    expect(await refusal(keyspace)).toContain('keyspace other');
    expect(keyspace.format).toBeUndefined();
  });

  it('refuses a keyspace with another format, and names it', async () => {
    const keyspace = new FakeKeyspace();
    await setUpTables(keyspace, options);
    keyspace.format = 3;
    expect(await refusal(keyspace)).toContain('format 3');
    expect(keyspace.format).toBe(3);
  });

  it('refuses a type that has other columns than its table, and names both', async () => {
    const keyspace = new FakeKeyspace();
    await setUpTables(keyspace, options);
    const changed = { ...ratings, columns: { stars: 'bigint' as const } };
    const text = await refusal(keyspace, { types: new EventTypes([likes, changed]) });
    expect(text).toContain('table star_ratings');
    expect(text).toContain('tuple<bigint, text, bigint, bigint>');
    expect(text).toContain('give star-ratings another name');
  });

  it('refuses a type with the name of another table', async () => {
    const taken = new EventTypes([{ ...likes, name: 'drains' }]);
    const keyspace = new FakeKeyspace();
    await expect(setUpTables(keyspace, { ...options, types: taken })).rejects.toThrow(
      'event type drains',
    );
    expect(keyspace.queries).toEqual([]);
  });
});
