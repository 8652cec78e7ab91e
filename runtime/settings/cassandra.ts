import { SETTING_INFO } from './setting-info';
import { list, text } from './shapes';

/** How Cassandra is reached. */
export const CASSANDRA_SETTINGS = {
  CASSANDRA_CONTACT_POINTS: list(text).default(['127.0.0.1:19042']).register(SETTING_INFO, {
    text: 'Cassandra nodes as `host:port`, by comma',
  }),
  CASSANDRA_LOCAL_DATACENTER: text.default('datacenter1').register(SETTING_INFO, {
    text: 'name of the nearest datacenter, as Cassandra knows it',
    note: 'Reads and writes use `LOCAL_QUORUM` in it.',
  }),
  CASSANDRA_REPLICATION: text.default("'datacenter1': 1").register(SETTING_INFO, {
    text: 'replicas by datacenter, if a process creates the keyspace',
  }),
};
