import { Kafka, logLevel } from 'kafkajs';
import { Names } from '../../schemas/names';
import { generationOf } from '../../schemas/origins';
import type { Site } from './site';

/** Expects that an origin's owners have committed all records of a type's log as counted. */
export async function expectCommitted(site: Site, origin: string, type: string): Promise<void> {
  const names = new Names();
  const topic = names.topic(type, generationOf(origin));
  const kafka = new Kafka({ brokers: [site.stack.addresses.kafka], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const [committed] = await admin.fetchOffsets({
      groupId: names.group(origin, type),
      topics: [topic],
    });
    const counted = (committed?.partitions ?? []).map(
      ({ metadata, partition }): [number, number] => {
        return [partition, metadata ? JSON.parse(metadata).counted : 0];
      },
    );
    const ends = await admin.fetchTopicOffsets(topic);
    const high = ends.map(({ high, partition }): [number, number] => [partition, Number(high)]);
    expect(new Map(counted)).toEqual(new Map(high));
  } finally {
    await admin.disconnect();
  }
}
