import type { Logger, Mechanism } from 'kafkajs';
import type { BrokerAddress } from '../client/broker-socket';
import { WireWriter } from './wire';

/** Sends one framed request; resolves with the answer without its size. */
export type Ask = (frame: Buffer) => Promise<Buffer>;

const HANDSHAKE_KEY = 17;
const HANDSHAKE_VERSION = 1;
const AUTHENTICATE_KEY = 36;
const AUTHENTICATE_VERSION = 0;
const CORRELATION = 1;

/** In every answer, after the correlation. */
const ERROR_AT = 4;
const TEXT_LENGTH_AT = 6;

/** Logs a new connection in (Kafka protocol, SaslHandshake 1 and SaslAuthenticate 0). */
export async function logIn(ask: Ask, login: Mechanism, { host, port }: BrokerAddress) {
  const mechanism = login.mechanism.toUpperCase();
  const handshake = header(HANDSHAKE_KEY, HANDSHAKE_VERSION).nullableString(mechanism);
  errorIn(await ask(handshake.framed()));
  const authenticator = login.authenticationProvider({
    ...{ host, port, logger: SILENT },
    async saslAuthenticate({ request, response }) {
      // The mechanism's bytes begin with their length, both ways.
      const bytes = await request.encode();
      const sent = header(AUTHENTICATE_KEY, AUTHENTICATE_VERSION).bytes(bytes).framed();
      const answer = await ask(sent);
      errorIn(answer);
      return response?.parse(await response.decode(bytesIn(answer)));
    },
  });
  await authenticator.authenticate();
}

function header(key: number, version: number): WireWriter {
  return new WireWriter().int16(key).int16(version).int32(CORRELATION).nullableString('likestream');
}

function errorIn(answer: Buffer): void {
  const error = answer.readInt16BE(ERROR_AT);
  if (error !== 0) throw new Error(`the broker refuses the login (error ${error})`);
}

/** After a text that may be null. */
function bytesIn(answer: Buffer): Buffer {
  const textLength = Math.max(answer.readInt16BE(TEXT_LENGTH_AT), 0);
  return answer.subarray(TEXT_LENGTH_AT + 2 + textLength);
}

const SILENT: Logger = {
  info() {},
  error() {},
  warn() {},
  debug() {},
  namespace: () => SILENT,
  setLogLevel() {},
};
