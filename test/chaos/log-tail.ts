import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** What is left of a partition's newest segment. */
const LEFT_SHARE = 0.5;

/**
 * Cuts the newest segment of each of a topic's partitions in half, while Kafka is down; Kafka takes
 * the torn record for the end of a crash, and begins behind the last whole one.
 */
export function cutLogs(kafkaFolder: string, topic: string): void {
  const data = join(kafkaFolder, 'data');
  const partitions = readdirSync(data).filter((name) => isPartitionOf(topic, name));
  for (const partition of partitions) cutNewestSegment(join(data, partition));
}

function isPartitionOf(topic: string, name: string): boolean {
  return name.startsWith(`${topic}-`) && /^\d+$/.test(name.slice(topic.length + 1));
}

function cutNewestSegment(partition: string): void {
  const segments = readdirSync(partition).filter((name) => name.endsWith('.log'));
  const newest = segments.sort().at(-1);
  if (newest === undefined) return;
  const file = join(partition, newest);
  truncateSync(file, Math.floor(statSync(file).size * LEFT_SHARE));
}
