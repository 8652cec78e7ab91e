import { explainCassandra, explainFirstContact } from '../../../adapters/cassandra/explain';

/** The driver's error if no host can be used. */
function noHost(reason: string): Error {
  const innerErrors = { '127.0.0.1:9042': new Error(reason) };
  return Object.assign(new Error('All host(s) tried for query failed.'), { innerErrors });
}

test.each([
  ['Provided username ann and/or password are incorrect', 'check CASSANDRA_USERNAME'],
  ['Host h requires authentication, but no authenticator found', 'set CASSANDRA_USERNAME'],
  ['unable to verify the first certificate', 'set CASSANDRA_CA_FILE'],
  ['write EPROTO: wrong version number', 'set CASSANDRA_SSL=false'],
])('%s: %s', (reason, advice) => {
  expect(explainCassandra(noHost(reason))).toContain(advice);
});

test('a missing right is named with its table', () => {
  const refused = new Error(
    'User ann has no MODIFY permission on <table likestream.likes> or any of its parents',
  );
  expect(explainCassandra(refused)).toContain('MODIFY on <table likestream.likes>');
});

test('a node that cannot be reached is no matter of settings', () => {
  expect(explainFirstContact(noHost('connect ECONNREFUSED'))).toBeUndefined();
});

test('connections that are closed before any answer may need TLS', () => {
  expect(explainFirstContact(noHost('read ECONNRESET'))).toContain('set CASSANDRA_SSL=true');
});
