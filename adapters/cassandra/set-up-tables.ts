import type { QueryOptions } from 'cassandra-driver';
import { LikestreamError } from '../../schemas/errors';
import type { EventTypes } from '../../schemas/event-types';
import type { Names } from '../../schemas/names';
import { createTable, FORMAT, INSTALLATION, type Table, tablesOf } from './tables';

export interface TablesOptions {
  readonly types: Pick<EventTypes, 'logged'>;
  readonly names: Names;
  /** The datacenters and their replicas, in CQL: `'datacenter1': 3`. */
  readonly replication: string;
}

/** The method of the driver's client that the set-up uses. */
export interface SetUpClient {
  execute(
    query: string,
    values?: unknown[],
    options?: QueryOptions,
  ): Promise<{ readonly rows?: readonly { get(name: string): unknown }[] }>;
}

/** The columns that exist: by table, the type of each one. */
type ExistingColumns = ReadonlyMap<string, ReadonlyMap<string, string>>;

const KEYSPACE = 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?';
const COLUMNS =
  'SELECT table_name, column_name, type FROM system_schema.columns WHERE keyspace_name = ?';
const READ_FORMAT = `SELECT format FROM ${INSTALLATION.name} WHERE id = ?`;
const WRITE_FORMAT = `INSERT INTO ${INSTALLATION.name} (id, format) VALUES (?, ?)`;
const FORMAT_ID = 'tables';
const OPTIONS = { prepare: true, isIdempotent: true };

/**
 * Creates the missing keyspace and tables, and uses the keyspace; safe to run again, and in several
 * processes at once. Rejects with `log_mismatch` and one line if the keyspace has data of another
 * format, or a table with other columns; then it has changed no table.
 */
export async function setUpTables(client: SetUpClient, options: TablesOptions): Promise<void> {
  const { names, replication, types } = options;
  const tables = tablesOf(types.logged);
  await createKeyspace(client, names.keyspace, replication);
  await client.execute(`USE "${names.keyspace}"`);
  const existing = await columnsOf(client, names.keyspace);
  if (existing.has(INSTALLATION.name)) await requireFormat(client, names);
  else if (tables.some(({ name }) => existing.has(name)))
    throw otherFormat(names, 'an earlier format');
  for (const table of tables) requireColumns(table, names, existing.get(table.name));
  await createMissing(client, [INSTALLATION], existing);
  // Before all other tables, so that a process that finds them finds the format as well.
  await client.execute(WRITE_FORMAT, [FORMAT_ID, FORMAT], OPTIONS);
  await createMissing(client, tables, existing);
}

// What exists is not created again: even `IF NOT EXISTS` needs the right to create.
async function createKeyspace(client: SetUpClient, name: string, replication: string) {
  const { rows = [] } = await client.execute(KEYSPACE, [name], OPTIONS);
  if (rows.length > 0) return;
  const strategy = `{'class': 'NetworkTopologyStrategy', ${replication}}`;
  await client.execute(`CREATE KEYSPACE IF NOT EXISTS "${name}" WITH replication = ${strategy}`);
}

async function createMissing(
  client: SetUpClient,
  tables: readonly Table[],
  existing: ExistingColumns,
): Promise<void> {
  for (const table of tables) {
    if (!existing.has(table.name)) await client.execute(createTable(table));
  }
}

async function columnsOf(client: SetUpClient, keyspace: string): Promise<ExistingColumns> {
  const { rows = [] } = await client.execute(COLUMNS, [keyspace], OPTIONS);
  const columns = new Map<string, Map<string, string>>();
  for (const row of rows) {
    const name = String(row.get('table_name'));
    const table = columns.get(name) ?? new Map<string, string>();
    columns.set(name, table.set(String(row.get('column_name')), String(row.get('type'))));
  }
  return columns;
}

async function requireFormat(client: SetUpClient, names: Names): Promise<void> {
  const { rows = [] } = await client.execute(READ_FORMAT, [FORMAT_ID], OPTIONS);
  const format = rows[0]?.get('format');
  // Without a row, another process has just created the table.
  if (format !== undefined && format !== FORMAT) throw otherFormat(names, `format ${format}`);
}

function requireColumns(
  { columns, name, type }: Table,
  { keyspace }: Names,
  found: ReadonlyMap<string, string> | undefined,
): void {
  const other = Object.entries(columns).find(
    ([column, kind]) => found && plain(found.get(column) ?? '') !== plain(kind),
  );
  if (!other) return;
  const advice =
    type === undefined ? '' : `a type cannot change its columns: give ${type} another name, or `;
  throw new LikestreamError(
    'log_mismatch',
    `the table ${name} of the keyspace ${keyspace} has not the column ${other.join(' ')}: ` +
      `${advice}set another NAMESPACE for every process`,
  );
}

function otherFormat({ keyspace }: Names, format: string): LikestreamError {
  return new LikestreamError(
    'log_mismatch',
    `the keyspace ${keyspace} has data of ${format} that this version cannot read: ` +
      'set another NAMESPACE for every process',
  );
}

// Cassandra's versions differ in where they write `frozen`.
function plain(kind: string): string {
  return kind.replace(/frozen<| static$|[>\s]/g, '');
}
