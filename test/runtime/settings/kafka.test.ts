import { kafkaWarnings } from '../../../runtime/settings/kafka';
import { readSettings } from '../../../runtime/settings/settings';

const LOGIN = { KAFKA_USERNAME: 'ann', KAFKA_PASSWORD: 'a password' };

test.each([
  [{ KAFKA_SASL_MECHANISM: 'plain' }, 'KAFKA_USERNAME: KAFKA_SASL_MECHANISM=plain needs it'],
  [{ KAFKA_SASL_MECHANISM: 'plain' }, 'KAFKA_PASSWORD: KAFKA_SASL_MECHANISM=plain needs it'],
  [LOGIN, 'KAFKA_PASSWORD: is used only by a login: set KAFKA_SASL_MECHANISM'],
  [
    { KAFKA_SASL_MECHANISM: 'oauthbearer', ...LOGIN, KAFKA_TOKEN_FILE: 'token' },
    'KAFKA_USERNAME: KAFKA_SASL_MECHANISM=oauthbearer does not use it: unset it',
  ],
  [{ KAFKA_SASL_MECHANISM: 'oauthbearer' }, 'KAFKA_TOKEN_FILE: KAFKA_SASL_MECHANISM=oauthbearer'],
  [{ KAFKA_SSL: 'perhaps' }, 'KAFKA_SSL: Invalid'],
])('a login that can never work is named: %j', (environment, line) => {
  expect(() => readSettings(environment)).toThrow(line);
});

test('no message has the password', () => {
  const read = () => readSettings(LOGIN);
  expect(read).toThrow('KAFKA_PASSWORD');
  expect(read).not.toThrow('a password');
});

test('a login is right with its user and password', () => {
  const settings = readSettings({ KAFKA_SASL_MECHANISM: 'scram-sha-512', ...LOGIN });
  expect(settings).toMatchObject({ KAFKA_SSL: false, ...LOGIN });
});

test.each([
  ['plain', 'false', 'sends the password in the clear: set KAFKA_SSL=true'],
  ['plain', 'true', undefined],
  ['scram-sha-256', 'false', undefined],
])('the login %s with KAFKA_SSL=%s warns: %s', (mechanism, tls, line) => {
  const environment = { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SSL: tls, ...LOGIN };
  const warnings = kafkaWarnings(readSettings(environment));
  expect(warnings).toEqual(line === undefined ? [] : [expect.stringContaining(line)]);
});
