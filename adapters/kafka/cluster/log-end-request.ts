import { LikestreamError } from '../../../schemas/errors';
import type { KafkaSecurity } from '../client/security';
import { askBroker } from './ask';
import { WireReader, WireWriter } from './wire';

const LIST_OFFSETS_KEY = 2;
const LIST_OFFSETS_VERSION = 7;
const AS_CONSUMER = -1;
const UNCOMMITTED = 0;
const LATEST = -1n;

/** A partition, and the epoch in which the broker must be its leader. */
export interface LedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
}

/**
 * Asks a broker (`host:port`) for the offset after a partition's last record (Kafka protocol,
 * ListOffsets, version 7). kafkajs uses versions without a leader epoch, and a leader that was cut
 * off from its cluster answers those with an outdated end. Rejects with `log_unavailable` if the
 * broker is not the partition's leader in that epoch.
 */
export async function logEndAt(
  broker: string,
  led: LedPartition,
  security?: KafkaSecurity,
): Promise<number> {
  const { error, offset } = read(await askBroker(broker, request(led), security));
  if (error === 0) return offset;
  throw new LikestreamError(
    'log_unavailable',
    `${broker} does not lead ${led.topic}/${led.partition} in epoch ${led.epoch} (${error})`,
  );
}

function request({ epoch, partition, topic }: LedPartition): Buffer {
  const writer = new WireWriter();
  writer.int16(LIST_OFFSETS_KEY).int16(LIST_OFFSETS_VERSION).int32(1).nullableString('likestream');
  writer.tags().int32(AS_CONSUMER).int8(UNCOMMITTED).count(1).compactString(topic).count(1);
  writer.int32(partition).int32(epoch).int64(LATEST);
  return writer.tags().tags().tags().framed();
}

function read(answer: Buffer): { error: number; offset: number } {
  const reader = new WireReader(answer);
  reader.int32();
  reader.tags();
  reader.int32();
  const topics = reader.list(() => {
    reader.compactString();
    const partitions = reader.list(() => readPartition(reader));
    reader.tags();
    return partitions;
  });
  const [found] = topics.flat();
  if (!found) throw new RangeError('the answer has no partition');
  return found;
}

function readPartition(reader: WireReader): { error: number; offset: number } {
  reader.int32();
  const error = reader.int16();
  reader.int64();
  const offset = Number(reader.int64());
  reader.int32();
  reader.tags();
  return { error, offset };
}
