import { connect } from 'node:net';
import { WireReader, WireWriter } from './kafka-wire';

const METADATA_KEY = 3;
const METADATA_VERSION = 12;
const ANSWER_MS = 3_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const NO_ID = Buffer.alloc(16);

/** A topic's life: one that is deleted and made again has the same name and another id. */
export interface TopicLife {
  readonly topic: string;
  /** The id that Kafka gave it, hexadecimal. */
  readonly id: string;
  readonly partitions: number;
}

/**
 * Asks a broker (`host:port`) for the ids of topics; topics that are not there are left out. kafkajs
 * speaks versions of this request that know no ids (Kafka protocol, Metadata, version 12; KIP-516).
 * Rejects when the broker does not answer.
 */
export async function topicLives(broker: string, topics: readonly string[]): Promise<TopicLife[]> {
  return read(await ask(broker, request(topics)));
}

function request(topics: readonly string[]): Buffer {
  const writer = new WireWriter();
  writer.int16(METADATA_KEY).int16(METADATA_VERSION).int32(1).nullableString('likestream').tags();
  writer.count(topics.length);
  for (const topic of topics) writer.bytes(NO_ID).compactString(topic).tags();
  const [mayCreate, withOperations] = [false, false];
  return writer.bool(mayCreate).bool(withOperations).tags().framed();
}

function read(answer: Buffer): TopicLife[] {
  const reader = new WireReader(answer);
  reader.int32();
  reader.tags();
  reader.int32();
  reader.list(() => {
    reader.int32();
    reader.compactString();
    reader.int32();
    reader.compactString();
    reader.tags();
  });
  reader.compactString();
  reader.int32();
  return reader.list(() => readTopic(reader)).filter((life) => life !== undefined);
}

function readTopic(reader: WireReader): TopicLife | undefined {
  const error = reader.int16();
  const topic = reader.compactString() ?? '';
  const id = reader.bytes(NO_ID.length).toString('hex');
  reader.bytes(1);
  const partitions = reader.list(() => readPartition(reader)).length;
  reader.int32();
  reader.tags();
  return error === 0 ? { topic, id, partitions } : undefined;
}

function readPartition(reader: WireReader): void {
  reader.int16();
  for (const _ of ['index', 'leader', 'leader epoch']) reader.int32();
  for (const _ of ['replicas', 'in-sync', 'offline']) reader.list(() => reader.int32());
  reader.tags();
}

function ask(broker: string, frame: Buffer): Promise<Buffer> {
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
