import { connect } from 'node:net';

const ANSWER_MS = 3_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Sends a framed request to a broker (`host:port`); resolves with the answer without its size. */
export function askBroker(broker: string, frame: Buffer): Promise<Buffer> {
  const { hostname, port } = new URL(`kafka://${broker}`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: ANSWER_MS });
    let answer = Buffer.alloc(0);
    const fail = (why: string): void => void socket.destroy(new Error(`${broker} ${why}`));
    socket.once('timeout', () => fail('does not answer'));
    socket.once('error', reject);
    socket.once('end', () => fail('hung up'));
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      const length = answer.length >= 4 ? answer.readInt32BE(0) : 0;
      if (length > MAX_ANSWER_BYTES) fail('answers too much');
      if (length === 0 || answer.length < length + 4) return;
      resolve(answer.subarray(4, length + 4));
      socket.destroy();
    });
    socket.write(frame);
  });
}
