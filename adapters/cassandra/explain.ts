import { explainTls, textsOf } from '../shared/tls-errors';

const NAMES = {
  server: 'Cassandra',
  ssl: 'CASSANDRA_SSL',
  ca: 'CASSANDRA_CA_FILE',
  cert: 'CASSANDRA_CERT_FILE',
  addresses: 'CASSANDRA_CONTACT_POINTS',
};

const NO_RIGHT = /User \S+ has no (\w+) permission on (<.+?>)/;

/** What an operator must change, if Cassandra refuses who this process is or what it may do. */
export function explainCassandra(error: unknown): string | undefined {
  const text = textsOf(error);
  return explainTls(text, NAMES) ?? explainLogin(text) ?? explainRight(text);
}

/** As `explainCassandra`, while this process has never reached Cassandra. */
export function explainFirstContact(error: unknown): string | undefined {
  const isClosed = /ECONNRESET|socket was closed|closed the connection/i.test(textsOf(error));
  const advice =
    'Cassandra closes each new connection: if its port needs TLS, set CASSANDRA_SSL=true';
  return explainCassandra(error) ?? (isClosed ? advice : undefined);
}

function explainLogin(text: string): string | undefined {
  if (/password are incorrect|Bad credentials|is not permitted to log in/i.test(text)) {
    return 'Cassandra refuses the login: check CASSANDRA_USERNAME and CASSANDRA_PASSWORD';
  }
  if (/requires authentication|Authentication provider not set/i.test(text)) {
    return 'Cassandra needs a login: set CASSANDRA_USERNAME and CASSANDRA_PASSWORD';
  }
  return undefined;
}

function explainRight(text: string): string | undefined {
  const [, right, on] = NO_RIGHT.exec(text) ?? [];
  return (
    right &&
    `Cassandra does not allow ${right} on ${on}: grant it to CASSANDRA_USERNAME, ` +
      'see docs/operating.md, rights'
  );
}
