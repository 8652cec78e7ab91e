import { brokerSocket } from '../client/broker-socket';
import type { KafkaSecurity } from '../client/security';
import { type Ask, logIn } from './log-in';

const ANSWER_MS = 3_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Sends a framed request to a broker (`host:port`); resolves with the answer without its size. */
export function askBroker(
  broker: string,
  frame: Buffer,
  { login, tls }: KafkaSecurity = {},
): Promise<Buffer> {
  const { hostname, port } = new URL(`kafka://${broker}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = brokerSocket({ host, port: Number(port), timeout: ANSWER_MS }, tls);
    let received = Buffer.alloc(0);
    let answered: ((answer: Buffer) => void) | undefined;
    const fail = (why: string): void => void socket.destroy(new Error(`${broker} ${why}`));
    socket.once('timeout', () => fail('does not answer'));
    socket.on('error', reject);
    socket.once('end', () => fail('hung up'));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const length = received.length >= 4 ? received.readInt32BE(0) : 0;
      if (length > MAX_ANSWER_BYTES) fail('answers too much');
      if (length === 0 || received.length < length + 4) return;
      const answer = received.subarray(4, length + 4);
      received = received.subarray(length + 4);
      answered?.(answer);
    });
    const ask: Ask = (request) => {
      socket.write(request);
      return new Promise((done) => {
        answered = done;
      });
    };
    const asking = login ? logIn(ask, login, { host, port: Number(port) }) : Promise.resolve();
    asking
      .then(() => ask(frame))
      .then(resolve, reject)
      .finally(() => socket.destroy());
  });
}
