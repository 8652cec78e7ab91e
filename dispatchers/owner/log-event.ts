import type { LogRecord } from '../../adapters/log-source';
import { type CancelRecord, type LikeRecord, likes } from '../../schemas/likes';
import { cancelId, type EntryKey, entryKey } from './entry-key';

/** A like in the log. */
export interface LikeEvent extends EntryKey {
  readonly offset: number;
  /** The log's clock when it appended the record, ms since the epoch. */
  readonly appendedAt: number;
  readonly record: LikeRecord;
}

/** A cancel in the log. */
export interface CancelEvent {
  readonly channel: string;
  /** The id of the cancelled like. */
  readonly likeId: string;
  /** The fingerprint of the cancel (`cancelId`). */
  readonly id: bigint;
  readonly offset: number;
  /** The log's clock when it appended the record, ms since the epoch. */
  readonly appendedAt: number;
  readonly cancel: CancelRecord;
}

/** A record of the log that an owner folds. */
export type LogEvent = LikeEvent | CancelEvent;

/** Parses a record; `secret` keys the fingerprint. Throws if the record is not valid. */
export function parseLogEvent(
  { appendedAt, key: channel, offset, value }: LogRecord,
  secret: string,
): LogEvent {
  const record = likes.record.parse(JSON.parse(value));
  if ('cancels' in record) {
    const likeId = record.cancels;
    const id = cancelId(secret, channel, likeId);
    return { channel, likeId, id, offset, appendedAt, cancel: record };
  }
  return { ...entryKey(secret, channel, record.likeId), offset, appendedAt, record };
}

export function isLike(event: LogEvent): event is LikeEvent {
  return 'record' in event;
}

/** When a producer accepted the like, or an owner noted the cancel; ms since the epoch. */
export function timeOf(event: LogEvent): number {
  return isLike(event) ? event.record.at : event.cancel.at;
}
