import { openCassandra } from '../../adapters/cassandra/client';
import { LIKE_SHARDS, likeIn } from '../../adapters/cassandra/row-store';
import { KEYSPACE } from '../../adapters/cassandra/set-up-tables';
import { CASSANDRA_DATACENTER } from '../../compose/native/addresses';
import { range } from '../end-to-end/api';

/** The ids of a video's rows in the Cassandra at `contactPoint`. */
export async function rowsOf(contactPoint: string, videoId: string): Promise<Set<string>> {
  return new Set((await reactionsOf(contactPoint, videoId)).keys());
}

/** The reaction of each of a video's rows by its id, from the node of a datacenter. */
export async function reactionsOf(
  contactPoint: string,
  videoId: string,
  localDatacenter = CASSANDRA_DATACENTER,
): Promise<Map<string, string>> {
  const cassandra = openCassandra({ contactPoints: [contactPoint], localDatacenter });
  try {
    await cassandra.connect();
    const channel = `video:${videoId}`;
    const columns = 'like_id, copies, withdrawn';
    const query = `SELECT ${columns} FROM ${KEYSPACE}.likes WHERE channel = ? AND shard = ?`;
    const shards = range(LIKE_SHARDS).map((shard) =>
      cassandra.execute(query, [channel, shard], { prepare: true }),
    );
    const rows = (await Promise.all(shards)).flatMap((result) => result.rows);
    const likes = rows.flatMap((row) => likeIn(channel, row) ?? []);
    return new Map(likes.map(({ likeId, reaction }) => [likeId, reaction]));
  } finally {
    await cassandra.shutdown();
  }
}
