import { KafkaJSNonRetriableError, type Mechanism } from 'kafkajs';

const SEPARATOR = '\u0001';

/**
 * Logs in by a token (RFC 7628). kafkajs 2.2.4 ignores the broker's refusal, and fails later
 * without its reason.
 */
export function bearerLogin(token: () => string): Mechanism['authenticationProvider'] {
  return ({ saslAuthenticate }) => ({
    async authenticate() {
      const bearer = `n,,${SEPARATOR}auth=Bearer ${token()}${SEPARATOR}${SEPARATOR}`;
      const refusal = await saslAuthenticate({
        request: { encode: () => withLength(Buffer.from(bearer)) },
        response: { decode: withoutLength, parse: (bytes) => bytes.toString() },
      });
      // A broker that accepts the token answers nothing.
      if (refusal) throw new KafkaJSNonRetriableError(`the token is refused: ${refusal}`);
    },
  });
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function withoutLength(answer: Buffer): Buffer {
  return answer.subarray(4);
}
