import { Client, types } from 'cassandra-driver';

const READ_MS = 5_000;
const CONNECT_MS = 3_000;

export interface CassandraSettings {
  readonly contactPoints: readonly string[];
  readonly localDatacenter: string;
}

/** A Cassandra client that reads and writes in its own datacenter (`LOCAL_QUORUM`). */
export function openCassandra({ contactPoints, localDatacenter }: CassandraSettings): Client {
  return new Client({
    contactPoints: [...contactPoints],
    localDataCenter: localDatacenter,
    monitorReporting: { enabled: false },
    queryOptions: { consistency: types.consistencies.localQuorum, prepare: true },
    socketOptions: { readTimeout: READ_MS, connectTimeout: CONNECT_MS, tcpNoDelay: true },
  });
}
