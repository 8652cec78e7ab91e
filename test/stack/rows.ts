import type { Client } from 'cassandra-driver';
import { openCassandra } from '../../adapters/cassandra/client';
import { entryIn, readColumns } from '../../adapters/cassandra/row';
import { SHARDS } from '../../adapters/cassandra/shards';
import { type RowsType, tableOf } from '../../adapters/cassandra/tables';
import type { FoundEntry } from '../../adapters/row-store';
import { CASSANDRA_DATACENTER } from '../../compose/native/addresses';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { range } from '../end-to-end/api';

/** The ids of a video's likes in the Cassandra at `contactPoint`. */
export async function rowsOf(contactPoint: string, videoId: string): Promise<Set<string>> {
  return new Set((await reactionsOf(contactPoint, videoId)).keys());
}

/** The reaction of each of a video's likes by its id, from the node of a datacenter. */
export async function reactionsOf(
  contactPoint: string,
  videoId: string,
  localDatacenter = CASSANDRA_DATACENTER,
): Promise<Map<string, string>> {
  const rows = await entriesOf(likes, contactPoint, `video:${videoId}`, localDatacenter);
  return new Map(rows.map(({ body, id }) => [id, likes.body.parse(body).reaction]));
}

/** The rows of a type in a channel, from the node of a datacenter. */
export async function entriesOf(
  type: RowsType,
  contactPoint: string,
  channel: string,
  localDatacenter = CASSANDRA_DATACENTER,
): Promise<FoundEntry[]> {
  const cassandra = openCassandra({ contactPoints: [contactPoint], localDatacenter });
  try {
    await cassandra.connect();
    const rows = await Promise.all(
      range(SHARDS).map((shard) => readShard(cassandra, type, channel, shard)),
    );
    return rows.flat().flatMap((row) => entryIn(type, row) ?? []);
  } finally {
    await cassandra.shutdown();
  }
}

async function readShard(cassandra: Client, type: RowsType, channel: string, shard: number) {
  const table = `"${new Names().keyspace}".${tableOf(type)}`;
  const query = `SELECT ${readColumns(type)} FROM ${table} WHERE channel = ? AND shard = ?`;
  return (await cassandra.execute(query, [channel, shard], { prepare: true })).rows;
}
