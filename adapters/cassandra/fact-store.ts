import type { types } from 'cassandra-driver';
import { LikestreamError } from '../../schemas/errors';
import { type FactList, MAX_FACTS } from '../../schemas/facts';
import type { FactStore } from '../fact-store';
import type { CassandraSession } from './session';

/** All facts are in one partition, so that one small read says whether any has changed. */
const BUCKET = 'all';
const PAGE_ROWS = 5_000;

/** Longer than any process needs to read a change; then the cell of its writer expires. */
const CHANGES_TTL_S = 3_600;

const READ_CHANGES = 'SELECT changes FROM facts WHERE bucket = ? LIMIT 1';
const READ_PAGE = `SELECT name, holds, changes FROM facts
  WHERE bucket = ? AND name > ? LIMIT ${PAGE_ROWS}`;
const READ_ONE = 'SELECT WRITETIME(holds) AS stamp FROM facts WHERE bucket = ? AND name = ?';
const COUNT = 'SELECT COUNT(*) AS count FROM facts WHERE bucket = ?';

/** One mutation of one partition, so that each replica has both changes or none. */
const WRITE = `BEGIN UNLOGGED BATCH
  UPDATE facts USING TIMESTAMP ? SET holds = ? WHERE bucket = ? AND name = ?;
  UPDATE facts USING TIMESTAMP ? AND TTL ${CHANGES_TTL_S} SET changes[?] = ? WHERE bucket = ?;
APPLY BATCH`;

/**
 * The facts in Cassandra, which copies them to the other datacenters.
 *
 *     facts: bucket | name | holds | changes (static): WRITER -> the number of its changes
 *
 * Write timestamps count the changes of a fact: clocks of processes may differ, and the newest
 * change must win. Each process notes the number of its changes in a cell of its own; the texts of
 * all cells are the version of the list.
 */
export class CassandraFacts implements FactStore {
  private changes = 0;

  constructor(
    private readonly session: CassandraSession,
    /** Unique among all processes, ever. */
    private readonly writer: string,
  ) {}

  async read(seen?: string): Promise<FactList | undefined> {
    const [row] = await this.session.execute(READ_CHANGES, [BUCKET]);
    return versionIn(row) === seen ? undefined : this.readAll();
  }

  async set(name: string, holds: boolean): Promise<void> {
    const [row] = await this.session.execute(READ_ONE, [BUCKET, name]);
    if (!row) await this.requireRoom();
    const stamp = Number(row?.get('stamp') ?? 0) + 1;
    this.changes += 1;
    const { changes, writer } = this;
    const fact = [stamp, holds, BUCKET, name];
    await this.session.execute(WRITE, [...fact, changes, writer, changes, BUCKET]);
  }

  /** The version is read with the facts, because other replicas may have answered before. */
  private async readAll(): Promise<FactList> {
    const names: string[] = [];
    const versions = new Set<string>();
    let last = '';
    for (let rows = PAGE_ROWS; rows === PAGE_ROWS; ) {
      const page = await this.session.execute(READ_PAGE, [BUCKET, last]);
      for (const row of page) if (row.get('holds') === true) names.push(String(row.get('name')));
      for (const row of page.slice(0, 1)) versions.add(versionIn(row));
      last = String(page.at(-1)?.get('name') ?? '');
      rows = page.length;
    }
    return { version: [...versions].join('\n\n'), names };
  }

  private async requireRoom(): Promise<void> {
    const [row] = await this.session.execute(COUNT, [BUCKET]);
    if (Number(row?.get('count')) >= MAX_FACTS) throw new LikestreamError('too_many_facts');
  }
}

function versionIn(row: types.Row | undefined): string {
  const changes = Object.entries(Object(row?.get('changes') ?? {}));
  return changes.map((entry) => entry.join(' ')).join('\n');
}
