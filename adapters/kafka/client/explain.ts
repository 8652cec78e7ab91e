import { explainTls, type TlsNames } from '../../shared/tls-errors';

const NAMES: TlsNames = {
  server: 'Kafka',
  ssl: 'KAFKA_SSL',
  ca: 'KAFKA_CA_FILE',
  cert: 'KAFKA_CERT_FILE',
  addresses: 'KAFKA_BROKERS',
};

const LOGIN_REFUSED = /authentication failed( during|: invalid)|SASL_AUTHENTICATION_FAILED/i;
const TOKEN_REFUSED = /the token is refused/;
const NO_MECHANISM =
  /mechanism is not supported|UNSUPPORTED_SASL_MECHANISM|ILLEGAL_SASL_STATE|current SASL state/i;

const ADVICE = {
  login: 'Kafka refuses the login: check KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM',
  token: 'Kafka refuses the token: check KAFKA_TOKEN_FILE',
  closed:
    'Kafka closes each new connection: if its port needs TLS, set KAFKA_SSL=true; ' +
    'if it needs a login, set KAFKA_SASL_MECHANISM',
  mechanism:
    'Kafka offers no such login on this port: set another KAFKA_SASL_MECHANISM, or unset it',
};

/** What each request of kafkajs needs; the names are in its log lines. */
const RIGHTS: Readonly<Record<string, string>> = {
  Metadata: 'Describe on topics',
  ListOffsets: 'Describe on topics',
  CreateTopics: 'Create on topics',
  CreatePartitions: 'Alter on topics',
  DescribeConfigs: 'DescribeConfigs on topics',
  AlterConfigs: 'AlterConfigs on topics',
  Produce: 'Write on topics',
  Fetch: 'Read on topics',
  GroupCoordinator: 'Describe on groups',
  JoinGroup: 'Read on groups',
  SyncGroup: 'Read on groups',
  Heartbeat: 'Read on groups',
  OffsetCommit: 'Read on groups and topics',
  OffsetFetch: 'Describe on groups',
  DescribeGroups: 'Describe on groups',
};

/**
 * What an operator must change, if Kafka refuses who this process is or what it may do. `text` is
 * an error with its causes, or a log line of kafkajs.
 */
export function explainKafka(text: string): string | undefined {
  return explainTls(text, NAMES) ?? explainLogin(text) ?? explainRights(text);
}

/** As `explainKafka`, while this process has never reached Kafka. */
export function explainFirstContact(text: string): string | undefined {
  const isClosed = /Closed connection|hung up|Connection closed by the server/.test(text);
  return explainKafka(text) ?? (isClosed ? ADVICE.closed : undefined);
}

function explainLogin(text: string): string | undefined {
  if (TOKEN_REFUSED.test(text)) return ADVICE.token;
  if (LOGIN_REFUSED.test(text)) return ADVICE.login;
  return NO_MECHANISM.test(text) ? ADVICE.mechanism : undefined;
}

function explainRights(text: string): string | undefined {
  const named = /Kafka does not allow .*/.exec(text)?.[0];
  if (named !== undefined) return named.replace(/ · .*/, '');
  if (!/not authorized to access|AUTHORIZATION_FAILED/i.test(text)) return undefined;
  const request = /Response (\w+)\(/.exec(text)?.[1] ?? '';
  const right = RIGHTS[request];
  return right && `Kafka does not allow ${right} of this NAMESPACE: see docs/operating.md, rights`;
}
