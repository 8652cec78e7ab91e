import type { Client } from 'cassandra-driver';
import { TABLES } from './tables';

export const KEYSPACE = 'likestream';

/** Creates the missing keyspace and tables; safe to run again, and in several processes at once. */
export async function setUpTables(client: Client, replication: string): Promise<void> {
  const strategy = `{'class': 'NetworkTopologyStrategy', ${replication}}`;
  await client.execute(`CREATE KEYSPACE IF NOT EXISTS ${KEYSPACE} WITH replication = ${strategy}`);
  await client.execute(`USE ${KEYSPACE}`);
  for (const table of TABLES) await client.execute(table);
}
