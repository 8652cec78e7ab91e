import { cassandraWarnings } from '../../../runtime/settings/cassandra';
import { readSettings } from '../../../runtime/settings/settings';

test.each([
  [{ CASSANDRA_USERNAME: 'ann' }, 'CASSANDRA_PASSWORD: CASSANDRA_USERNAME needs it: set it'],
  [{ CASSANDRA_PASSWORD: 'secret' }, 'CASSANDRA_USERNAME: CASSANDRA_PASSWORD needs it: set it'],
])('half a login is named: %j', (environment, line) => {
  expect(() => readSettings(environment)).toThrow(line);
});

test('a password without TLS warns', () => {
  const login = { CASSANDRA_USERNAME: 'ann', CASSANDRA_PASSWORD: 'secret' };
  expect(cassandraWarnings(readSettings(login))).toEqual([
    'CASSANDRA_PASSWORD is sent in the clear without TLS: set CASSANDRA_SSL=true',
  ]);
  expect(cassandraWarnings(readSettings({ ...login, CASSANDRA_SSL: 'true' }))).toEqual([]);
  expect(cassandraWarnings(readSettings({}))).toEqual([]);
});
