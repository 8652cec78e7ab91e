import { z } from 'zod';
import { SETTING_INFO } from './setting-info';
import { list, text } from './shapes';
import { tlsProblems } from './tls-files';

/** How Cassandra is reached, and who this process is there. */
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
  CASSANDRA_USERNAME: text.optional().register(SETTING_INFO, {
    text: "role's name at Cassandra",
    unset: 'no login',
  }),
  CASSANDRA_PASSWORD: text.optional().register(SETTING_INFO, {
    isSecret: true,
    text: "role's password at Cassandra",
    unset: 'no login',
  }),
  CASSANDRA_SSL: z.stringbool().default(false).register(SETTING_INFO, {
    text: 'whether Cassandra is reached by TLS: true or false',
  }),
  CASSANDRA_CA_FILE: text.optional().register(SETTING_INFO, {
    text: "PEM file with the authorities that sign Cassandra's certificates",
    unset: "Node's list",
  }),
  CASSANDRA_CERT_FILE: text.optional().register(SETTING_INFO, {
    text: "PEM file with this process's certificate for Cassandra",
    unset: 'none',
    note: 'Read once, at the start, as are `CASSANDRA_CA_FILE` and `CASSANDRA_KEY_FILE`.',
  }),
  CASSANDRA_KEY_FILE: text.optional().register(SETTING_INFO, {
    text: 'PEM file with the key of that certificate, without a passphrase',
    unset: 'none',
  }),
};

export type CassandraSettings = z.infer<z.ZodObject<typeof CASSANDRA_SETTINGS>>;

/** What can never work in these settings, each as `NAME: what to do`. */
export function cassandraProblems(settings: CassandraSettings): string[] {
  const { CASSANDRA_PASSWORD: password, CASSANDRA_USERNAME: name } = settings;
  const problems = tlsProblems('CASSANDRA', settings);
  if (name !== undefined && password === undefined) {
    problems.push('CASSANDRA_PASSWORD: CASSANDRA_USERNAME needs it: set it');
  }
  if (password !== undefined && name === undefined) {
    problems.push('CASSANDRA_USERNAME: CASSANDRA_PASSWORD needs it: set it');
  }
  return problems;
}

/** What is unwise in these settings. */
export function cassandraWarnings(settings: CassandraSettings): string[] {
  const isInTheClear = settings.CASSANDRA_USERNAME !== undefined && !settings.CASSANDRA_SSL;
  return isInTheClear
    ? ['CASSANDRA_PASSWORD is sent in the clear without TLS: set CASSANDRA_SSL=true']
    : [];
}
