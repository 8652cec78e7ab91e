import { CASSANDRA_DATACENTER } from '../../compose/native/addresses';
import { LIKE_SHARDS } from '../../producers/cassandra-like-store';
import { KEYSPACE } from '../../roles/set-up';
import { openCassandra } from '../../runtime/cassandra';
import { range } from '../end-to-end/api';

/** The ids of a video's rows in the Cassandra at `contactPoint`. */
export async function rowsOf(contactPoint: string, videoId: string): Promise<Set<string>> {
  return new Set((await reactionsOf(contactPoint, videoId)).keys());
}

/** The reaction of each of a video's rows, by its id, as the node of a datacenter has them. */
export async function reactionsOf(
  contactPoint: string,
  videoId: string,
  localDatacenter = CASSANDRA_DATACENTER,
): Promise<Map<string, string>> {
  const cassandra = openCassandra({ contactPoints: [contactPoint], localDatacenter });
  try {
    await cassandra.connect();
    const query = `SELECT like_id, reaction FROM ${KEYSPACE}.likes WHERE channel = ? AND shard = ?`;
    const shards = range(LIKE_SHARDS).map((shard) =>
      cassandra.execute(query, [`video:${videoId}`, shard], { prepare: true }),
    );
    const rows = (await Promise.all(shards)).flatMap((result) => result.rows);
    return new Map(rows.map((row) => [String(row.get('like_id')), String(row.get('reaction'))]));
  } finally {
    await cassandra.shutdown();
  }
}
