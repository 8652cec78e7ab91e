import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** The usual remaining share of a partition's newest segment. */
const LEFT_SHARE = 0.5;

/**
 * Cuts the newest segment of each partition of a topic, by default in half. Kafka must be down. At
 * its start it appends after the last complete record, as after a crash.
 */
export function cutLogs(kafkaFolder: string, topic: string, leftShare = LEFT_SHARE): void {
  const data = join(kafkaFolder, 'data');
  const partitions = readdirSync(data).filter((name) => isPartitionOf(topic, name));
  for (const partition of partitions) cutNewestSegment(join(data, partition), leftShare);
}

function isPartitionOf(topic: string, name: string): boolean {
  return name.startsWith(`${topic}-`) && /^\d+$/.test(name.slice(topic.length + 1));
}

function cutNewestSegment(partition: string, leftShare: number): void {
  const segments = readdirSync(partition).filter((name) => name.endsWith('.log'));
  const newest = segments.sort().at(-1);
  if (newest === undefined) return;
  const file = join(partition, newest);
  truncateSync(file, Math.floor(statSync(file).size * leftShare));
}
