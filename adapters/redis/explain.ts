import { explainTls } from '../shared/tls-errors';
import type { RedisNode } from './servers';

const MAX_CHARS = 200;

/** What was connected, for the lines about it. */
export interface Attempt {
  readonly node: RedisNode;
  readonly isSentinel: boolean;
  readonly isTls: boolean;
}

/** Answers of a server, and what to do. LOGIN is replaced by the settings of the login. */
const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^WRONGPASS|invalid password/, 'refuses the user or password: check LOGIN'],
  [/^NOAUTH|Authentication required/i, 'requires a login: set LOGIN'],
  [/DB index|invalid DB/i, 'has no such database: change the number at the end of REDIS_URL'],
  [/cluster support disabled/, 'is no node of a Cluster: unset REDIS_CLUSTER'],
  [/^MOVED/, 'is a node of a Cluster: set REDIS_CLUSTER to some of its nodes'],
  [/unknown command.*sentinel/i, 'is no Sentinel: check REDIS_SENTINELS'],
];

const PLAIN = 'does not answer by TLS: begin REDIS_URL with redis:, or use the port for TLS';
const FOR_TLS =
  'ends the connection at once: begin REDIS_URL with rediss:, if this port is for TLS';

/** One line about an error of a connection, which names the setting to change. */
export function explain(error: unknown, attempt: Attempt): string {
  const { node, isSentinel } = attempt;
  const server = `${isSentinel ? 'the Sentinel' : 'Redis'} at ${node.host}:${node.port}`;
  const { message } = withoutArguments(error);
  const answer = ANSWERS.find(([pattern]) => pattern.test(message))?.[1];
  const login = isSentinel ? 'REDIS_SENTINEL_PASSWORD' : 'REDIS_USERNAME and REDIS_PASSWORD';
  if (answer !== undefined) return `${server} ${answer.replace('LOGIN', login)}`;
  return connectionLine(error, server, attempt);
}

/** The error's message, cut short. An error of ioredis itself holds the arguments of a login. */
export function withoutArguments(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(message.replace(/,? with args beginning with.*/s, '').slice(0, MAX_CHARS));
}

function connectionLine(error: unknown, server: string, { isSentinel, isTls }: Attempt): string {
  const { code = '' } = Object(error) as { readonly code?: string };
  const { message } = withoutArguments(error);
  const addresses = isSentinel ? 'REDIS_SENTINELS' : 'REDIS_URL';
  if (/wrong version number|packet length too long/.test(message)) return `${server} ${PLAIN}`;
  const [ca, cert] = ['REDIS_CA_FILE', 'REDIS_CERT_FILE'];
  const tls = explainTls(message, { server, ssl: 'REDIS_URL', ca, cert, addresses });
  if (tls !== undefined) return tls;
  if (code === 'ETIMEDOUT') {
    return `${server} ${isTls ? PLAIN : 'does not answer: check the address and firewalls'}`;
  }
  if (code === 'ECONNRESET' || /Connection is closed/.test(message)) {
    return `${server} ${isTls ? PLAIN : FOR_TLS}`;
  }
  if (code) return `${server} cannot be reached (${code}): check its address in the settings`;
  return `${server} answers: ${message}`;
}
