import type { types } from 'cassandra-driver';
import type { CassandraSession, Values } from '../../../adapters/cassandra/session';

type Columns = Readonly<Record<string, unknown>>;

/** The tables `history` and `history_buckets`, for the statements of `CassandraHistory`. */
export class FakeHistories implements CassandraSession {
  /** The partitions of all reads, in order. */
  readonly reads: string[] = [];
  /** The number of rows of each batch. */
  readonly batches: number[] = [];
  /** By partition, then by the offset in its clustering key, the columns. */
  private readonly partitions = new Map<string, Map<number, Columns>>();

  async execute(query: string, values: Values): Promise<readonly types.Row[]> {
    const found = query.startsWith('INSERT')
      ? this.insert(query, values)
      : this.select(query, values);
    return found.map((row) => ({ get: (name: string) => row[name] })) as unknown as types.Row[];
  }

  async executeAll(query: string, all: readonly Values[]): Promise<readonly types.Row[]> {
    return (await Promise.all(all.map((values) => this.execute(query, values)))).flat();
  }

  async executeBatches(query: string, batches: readonly (readonly Values[])[]): Promise<void> {
    for (const batch of batches) {
      const partitions = new Set(batch.map((values) => JSON.stringify(values.slice(0, 4))));
      expect(partitions.size).toBe(1);
      this.batches.push(batch.length);
      await this.executeAll(query, batch);
    }
  }

  private insert(query: string, values: Values): readonly Columns[] {
    const [, list = ''] = /\(([^)]*)\) VALUES/.exec(query) ?? [];
    const names = list.split(', ');
    const row = Object.fromEntries(names.map((name, at) => [name, values[at]]));
    const size = query.includes('history_buckets') ? 3 : 4;
    const rows = this.partition(values.slice(0, size));
    rows.set(Number(row.first_offset ?? row.offset), row);
    return [];
  }

  private select(query: string, values: Values): readonly Columns[] {
    const isIndex = query.includes('history_buckets');
    const key = values.slice(0, isIndex ? 3 : 4);
    this.reads.push(JSON.stringify(key));
    const [after, before, limit] = isIndex ? [-1, values[3], 1] : values.slice(4);
    const found = [...this.partition(key)]
      .filter(([offset]) => offset > Number(after) && offset < Number(before))
      .sort(([one], [other]) => one - other);
    if (query.includes('DESC')) found.reverse();
    return found.slice(0, Number(limit)).map(([, row]) => row);
  }

  private partition(key: Values): Map<number, Columns> {
    const name = JSON.stringify(key);
    const rows = this.partitions.get(name) ?? new Map<number, Columns>();
    this.partitions.set(name, rows);
    return rows;
  }
}
