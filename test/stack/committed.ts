import { Kafka, logLevel } from 'kafkajs';
import { groupOf } from '../../schemas/partitions';
import type { Site } from './site';

/** Expects that an origin's owners have committed all records of its log as counted. */
export async function expectCommitted(site: Site, origin: string, topic: string): Promise<void> {
  const kafka = new Kafka({ brokers: [site.stack.addresses.kafka], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const [committed] = await admin.fetchOffsets({ groupId: groupOf(origin), topics: [topic] });
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
