import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { HOST } from './host';

const ANSWER_TIMEOUT_MS = 1_000;
/** The first handshakes of a Java server take long. */
const TLS_ANSWER_TIMEOUT_MS = 10_000;

const KAFKA_METADATA = 3;
const KAFKA_METADATA_VERSION = 1;
const KAFKA_CORRELATION = 7;
/** After the size and the correlation id of a response. */
const KAFKA_BODY_OFFSET = 8;

const CASSANDRA_PROTOCOL = 4;
const CASSANDRA_OPTIONS = 0x05;
const CASSANDRA_SUPPORTED = 0x06;
const CASSANDRA_OPCODE_OFFSET = 4;
const CASSANDRA_HEADER_BYTES = 9;

/** Whether a Kafka broker on this port lists a broker in its metadata. */
export function isKafkaReady(port: number): Promise<boolean> {
  const request = Buffer.alloc(18);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(KAFKA_METADATA, 4);
  request.writeInt16BE(KAFKA_METADATA_VERSION, 6);
  request.writeInt32BE(KAFKA_CORRELATION, 8);
  request.writeInt16BE(-1, 12);
  return ask(port, request, (answer) => {
    if (answer.length < KAFKA_BODY_OFFSET + 4) return undefined;
    const isOurs = answer.readInt32BE(4) === KAFKA_CORRELATION;
    return isOurs && answer.readInt32BE(KAFKA_BODY_OFFSET) > 0;
  });
}

/** Whether a Cassandra node on this port answers OPTIONS; by TLS if it gets an authority's file. */
export function isCassandraReady(port: number, ca?: string): Promise<boolean> {
  const request = Buffer.alloc(CASSANDRA_HEADER_BYTES);
  request[0] = CASSANDRA_PROTOCOL;
  request[CASSANDRA_OPCODE_OFFSET] = CASSANDRA_OPTIONS;
  const judge: Judge = (answer) => {
    if (answer.length < CASSANDRA_HEADER_BYTES) return undefined;
    return answer[CASSANDRA_OPCODE_OFFSET] === CASSANDRA_SUPPORTED;
  };
  return ask(port, request, judge, ca);
}

/** Whether a Redis on this port answers PING; it refuses while it loads its data. */
export function isRedisReady(port: number): Promise<boolean> {
  return ask(port, Buffer.from('PING\r\n'), (answer) => {
    if (!answer.includes('\r\n')) return undefined;
    return answer.toString().startsWith('+PONG');
  });
}

type Judge = (answer: Buffer) => boolean | undefined;

function ask(port: number, request: Buffer, judge: Judge, ca?: string): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const socket =
      ca === undefined
        ? connect(port, HOST)
        : connectTls({ port, host: HOST, ca: readFileSync(ca, 'utf8') });
    socket.write(request);
    const finish = (isAnswer: boolean) => {
      socket.destroy();
      resolve(isAnswer);
    };
    const timeoutMs = ca === undefined ? ANSWER_TIMEOUT_MS : TLS_ANSWER_TIMEOUT_MS;
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('end', () => finish(false));
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      const verdict = judge(answer);
      if (verdict !== undefined) finish(verdict);
    });
  });
}
