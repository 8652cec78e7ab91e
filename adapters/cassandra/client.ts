import { Client, type Host, policies, types } from 'cassandra-driver';
import { patchControlConnection } from './patches';

const READ_MS = 5_000;
const CONNECT_MS = 3_000;

/** The driver's own wait doubles each time, so it would find a restarted node minutes late. */
const RECONNECT_MS = 500;

export interface CassandraSettings {
  readonly contactPoints: readonly string[];
  readonly localDatacenter: string;
}

/** A Cassandra client that reads and writes in its own datacenter (`LOCAL_QUORUM`). */
export function openCassandra({ contactPoints, localDatacenter }: CassandraSettings): Client {
  const client = new Client({
    contactPoints: [...contactPoints],
    localDataCenter: localDatacenter,
    policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(RECONNECT_MS) },
    monitorReporting: { enabled: false },
    queryOptions: { consistency: types.consistencies.localQuorum, prepare: true },
    socketOptions: { readTimeout: READ_MS, connectTimeout: CONNECT_MS, tcpNoDelay: true },
  });
  patchControlConnection(client);
  client.on('hostRemove', end);
  return client;
}

// After its last node has ended, the driver creates new hosts. The old ones would try to connect
// forever, even after the client's shutdown.
function end(host: Host): void {
  if ('shutdown' in host && typeof host.shutdown === 'function') void host.shutdown();
}
