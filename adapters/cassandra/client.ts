import { Client, type ClientOptions, type Host, policies, types } from 'cassandra-driver';
import type { CassandraAccess } from './access';
import { hostOf, identityBy } from './identity';
import { patchControlConnection } from './patches';

const READ_MS = 5_000;
const CONNECT_MS = 3_000;

/** The driver's own wait doubles each time, so it would find a restarted node minutes late. */
const RECONNECT_MS = 500;

/** Where Cassandra is, and who this process is there. */
export interface CassandraServers extends CassandraAccess {
  readonly contactPoints: readonly string[];
  readonly localDatacenter: string;
}

/** A Cassandra client that reads and writes in its own datacenter (`LOCAL_QUORUM`). */
export function openCassandra(servers: CassandraServers): Client {
  const { contactPoints, localDatacenter } = servers;
  const client = new Client({
    contactPoints: [...contactPoints],
    localDataCenter: localDatacenter,
    ...accessOptions(servers),
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

function accessOptions({ contactPoints, login, tls }: CassandraServers): Partial<ClientOptions> {
  return {
    ...(login && { credentials: { ...login } }),
    ...(tls && {
      sslOptions: {
        ...tls,
        rejectUnauthorized: true,
        checkServerIdentity: identityBy(contactPoints.map(hostOf)),
      },
    }),
  };
}
