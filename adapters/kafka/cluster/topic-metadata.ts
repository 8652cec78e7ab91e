import type { KafkaSecurity } from '../client/security';
import { askBroker } from './ask';
import { WireReader, WireWriter } from './wire';

const METADATA_KEY = 3;
const METADATA_VERSION = 12;
const NO_ID = Buffer.alloc(16);

/** A topic with its id: a topic that is deleted and created again has another id. */
export interface TopicId {
  readonly topic: string;
  /** Kafka's id, hexadecimal. */
  readonly id: string;
  readonly partitions: number;
}

/** A partition in one broker's view. */
export interface PartitionView {
  readonly partition: number;
  /** The broker that leads it; -1 if there is none. */
  readonly leader: number;
  /** It rises with each election of a leader. */
  readonly epoch: number;
  readonly replicas: readonly number[];
}

/** A topic in one broker's view. */
export interface TopicView extends Pick<TopicId, 'id' | 'topic'> {
  readonly partitions: readonly PartitionView[];
  /** What the asking user may do with it: a bit for each of Kafka's AclOperations. */
  readonly rights: number;
}

/** One broker's view of the cluster; a broker that is cut off has an earlier state. */
export interface ClusterView {
  /** The addresses of all brokers, `host:port`, by id. */
  readonly brokers: ReadonlyMap<number, string>;
  /** Topics that the broker lacks are left out. */
  readonly topics: readonly TopicView[];
}

/**
 * Asks a broker (`host:port`) for its view of the cluster (Kafka protocol, Metadata, version 12;
 * KIP-516). kafkajs uses versions without topic ids. Rejects if the broker does not answer.
 */
export async function clusterView(
  broker: string,
  topics: readonly string[],
  security?: KafkaSecurity,
): Promise<ClusterView> {
  return read(await askBroker(broker, request(topics), security));
}

/** Asks a broker for the ids of topics; topics that it lacks are left out. */
export async function topicIds(
  broker: string,
  topics: readonly string[],
  security?: KafkaSecurity,
): Promise<TopicId[]> {
  return (await clusterView(broker, topics, security)).topics.map(topicIdOf);
}

/** The id of a topic in a broker's view. */
export function topicIdOf({ id, partitions, topic }: TopicView): TopicId {
  return { topic, id, partitions: partitions.length };
}

function request(topics: readonly string[]): Buffer {
  const writer = new WireWriter();
  writer.int16(METADATA_KEY).int16(METADATA_VERSION).int32(1).nullableString('likestream').tags();
  writer.count(topics.length);
  for (const topic of topics) writer.bytes(NO_ID).compactString(topic).tags();
  const [mayCreate, withRights] = [false, true];
  return writer.bool(mayCreate).bool(withRights).tags().framed();
}

function read(answer: Buffer): ClusterView {
  const reader = new WireReader(answer);
  reader.int32();
  reader.tags();
  reader.int32();
  const brokers = reader.list(() => readBroker(reader));
  reader.compactString();
  reader.int32();
  const topics = reader.list(() => readTopic(reader)).filter((topic) => topic !== undefined);
  return { brokers: new Map(brokers), topics };
}

function readBroker(reader: WireReader): [number, string] {
  const id = reader.int32();
  const host = reader.compactString() ?? '';
  const port = reader.int32();
  reader.compactString();
  reader.tags();
  return [id, `${host}:${port}`];
}

/** Undefined without an id: a starting broker, or an old inter-broker protocol, sends none. */
function readTopic(reader: WireReader): TopicView | undefined {
  const error = reader.int16();
  const topic = reader.compactString() ?? '';
  const id = reader.bytes(NO_ID.length);
  reader.bytes(1);
  const partitions = reader.list(() => readPartition(reader));
  const rights = reader.int32();
  reader.tags();
  const isKnown = error === 0 && !id.equals(NO_ID);
  return isKnown ? { topic, id: id.toString('hex'), partitions, rights } : undefined;
}

function readPartition(reader: WireReader): PartitionView {
  reader.int16();
  const [partition, leader, epoch] = [reader.int32(), reader.int32(), reader.int32()];
  const [replicas = []] = ['all', 'in sync', 'offline'].map(() =>
    reader.list(() => reader.int32()),
  );
  reader.tags();
  return { partition, leader, epoch, replicas };
}
