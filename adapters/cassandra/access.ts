import type { CassandraSettings } from '../../runtime/settings/cassandra';
import { readTlsFiles, type TlsFiles } from '../../runtime/settings/tls-files';

/** How connections to Cassandra are protected, and how they log in; neither if both are absent. */
export interface CassandraAccess {
  readonly tls?: TlsFiles | undefined;
  readonly login?: { readonly username: string; readonly password: string } | undefined;
}

/** Where Cassandra is, by the settings. Reads their files; they were checked. */
export function cassandraServers(settings: CassandraSettings) {
  const { CASSANDRA_PASSWORD: password, CASSANDRA_USERNAME: username } = settings;
  const isNamed = username !== undefined && password !== undefined;
  return {
    contactPoints: settings.CASSANDRA_CONTACT_POINTS,
    localDatacenter: settings.CASSANDRA_LOCAL_DATACENTER,
    tls: readTlsFiles('CASSANDRA', settings),
    login: isNamed ? { username, password } : undefined,
  };
}
