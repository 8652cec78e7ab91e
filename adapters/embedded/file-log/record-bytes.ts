import { crc32 } from 'node:zlib';
import type { LogRecord } from '../../log-source';

/** A record in a file of the log; `parsed` is only in memory. */
export interface FiledRecord extends LogRecord {
  readonly topic: string;
  readonly partition: number;
}

/** Length and checksum of a group, four bytes each, little-endian. */
export const GROUP_HEAD_BYTES = 8;

/** Topic, partition, offset, append time, key and value, separated by line breaks. */
const FIELDS = 6;

/**
 * Encodes records as one group: it is read completely or, if the machine failed while it was
 * written, not at all.
 *
 *     length u32 | CRC-32 u32 | lines: topic, partition, offset, append time, key, value; …
 *
 * Keys and values must not have line breaks; JSON has none.
 */
export function encodeGroup(records: readonly FiledRecord[]): Buffer {
  let text = '';
  for (const { appendedAt, key, offset, partition, topic, value } of records) {
    text += `${topic}\n${partition}\n${offset}\n${appendedAt}\n${key}\n${value}\n`;
  }
  const length = Buffer.byteLength(text);
  const group = Buffer.allocUnsafe(GROUP_HEAD_BYTES + length);
  group.write(text, GROUP_HEAD_BYTES);
  group.writeUInt32LE(length, 0);
  group.writeUInt32LE(crc32(group.subarray(GROUP_HEAD_BYTES)), 4);
  return group;
}

/** The length of the group's text at the start of these bytes; undefined if they are too few. */
export function groupLength(head: Buffer): number | undefined {
  return head.length < GROUP_HEAD_BYTES ? undefined : head.readUInt32LE(0);
}

/** Decodes a group with its head; undefined if it is incomplete or damaged. */
export function decodeGroup(group: Buffer): FiledRecord[] | undefined {
  const length = groupLength(group);
  if (length === undefined || group.length < GROUP_HEAD_BYTES + length) return undefined;
  const bytes = group.subarray(GROUP_HEAD_BYTES, GROUP_HEAD_BYTES + length);
  if (crc32(bytes) !== group.readUInt32LE(4)) return undefined;
  return recordsIn(bytes.toString().split('\n'));
}

function recordsIn(lines: readonly string[]): FiledRecord[] {
  const records: FiledRecord[] = [];
  for (let at = 0; at + FIELDS < lines.length; at += FIELDS) {
    records.push({
      topic: lines[at] ?? '',
      partition: Number(lines[at + 1]),
      offset: Number(lines[at + 2]),
      appendedAt: Number(lines[at + 3]),
      key: lines[at + 4] ?? '',
      value: lines[at + 5] ?? '',
    });
  }
  return records;
}
