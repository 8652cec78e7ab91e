import type { KafkaMessage } from 'kafkajs';
import type { LogRecord } from '../../log-source';

/** Converts kafkajs's form of a record. */
export function recordOf({ key, offset, timestamp, value }: KafkaMessage): LogRecord {
  const appendedAt = Number(timestamp);
  return { offset: Number(offset), key: String(key), value: String(value), appendedAt };
}
