import { explainFirstContact, explainKafka } from '../../../../adapters/kafka/client/explain';

test.each([
  ['Connection error: unable to verify the first certificate', 'set KAFKA_CA_FILE'],
  ['Connection error: self-signed certificate in certificate chain', 'set KAFKA_CA_FILE'],
  ['Connection error: certificate has expired', 'has expired'],
  ["Hostname/IP does not match certificate's altnames: IP: 127.0.0.1", 'in KAFKA_BROKERS'],
  [
    'Client network socket disconnected before secure TLS connection was established',
    'set KAFKA_SSL=false',
  ],
  ['SSL alert number 116: tlsv13 alert certificate required', 'set KAFKA_CERT_FILE'],
  [
    'Response SaslAuthenticate(key: 36, version: 1) Authentication failed during authentication ' +
      'due to invalid credentials with SASL mechanism SCRAM-SHA-512',
    'check KAFKA_USERNAME, KAFKA_PASSWORD',
  ],
  ['SASL PLAIN authentication failed: Authentication failed: Invalid username', 'KAFKA_PASSWORD'],
  ['the token is refused: {"status":"invalid_token"}', 'check KAFKA_TOKEN_FILE'],
  ['SASL PLAIN mechanism is not supported by the server', 'set another KAFKA_SASL_MECHANISM'],
  ['Request is not valid given the current SASL state', 'or unset it'],
  [
    'Response Produce(key: 0, version: 7) Not authorized to access topics: [Topic authorization]',
    'Kafka does not allow Write on topics',
  ],
  [
    'Response JoinGroup(key: 11, version: 5) Not authorized to access group: Group authorization',
    'Kafka does not allow Read on groups',
  ],
])('%s: %s', (text, advice) => {
  expect(explainKafka(text)).toContain(advice);
});

test.each(['connect ECONNREFUSED 127.0.0.1:9092', 'Closed connection', 'Request timed out'])(
  'nothing is to be set because of %s',
  (text) => expect(explainKafka(text)).toBeUndefined(),
);

test('connections that are closed before any answer may need TLS or a login', () => {
  expect(explainFirstContact('Closed connection')).toContain('set KAFKA_SSL=true');
});
