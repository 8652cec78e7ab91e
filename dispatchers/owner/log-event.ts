import type { LogRecord } from '../../adapters/log-source';
import { fingerprint } from '../../schemas/hash';
import { uuidv7Time } from '../../schemas/ids';
import { type CancelRecord, type LikeRecord, likes } from '../../schemas/likes';
import type { EntryKey } from '../peers/cross-datacenter-duplicates';

/** A like in the log. */
export interface Logged {
  readonly offset: number;
  readonly channel: string;
  /** The fingerprint of channel and like id. */
  readonly id: bigint;
  /** The time in the id, ms since the epoch; undefined unless it is a UUIDv7. */
  readonly made: number | undefined;
  /** The log's clock when it appended the record, ms since the epoch. */
  readonly appendedAt: number;
  readonly record: LikeRecord;
}

/** A record that takes a like back. */
export interface Cancelled {
  readonly offset: number;
  readonly channel: string;
  /** The fingerprint of channel and like id, as one that is taken back. */
  readonly id: bigint;
  readonly appendedAt: number;
  readonly cancel: CancelRecord;
}

export type LogEvent = Logged | Cancelled;

/** A record's event, its fingerprint keyed with `secret`. Throws for one that cannot be read. */
export function eventIn({ appendedAt, key, offset, value }: LogRecord, secret: string): LogEvent {
  const event = likes.record.parse(JSON.parse(value));
  if ('cancels' in event) {
    const id = cancelId(secret, key, event.cancels);
    return { offset, channel: key, id, appendedAt, cancel: event };
  }
  const { id, made } = named(secret, key, event.likeId);
  return { offset, channel: key, id, made, appendedAt, record: event };
}

/** A like by its id and its fingerprint. */
export function named(secret: string, channel: string, likeId: string): EntryKey {
  const id = fingerprint(secret, `${channel}/${likeId}`);
  return { channel, likeId, id, made: uuidv7Time(likeId) };
}

/** The fingerprint of a like as one that is taken back. */
export function cancelId(secret: string, channel: string, likeId: string): bigint {
  return fingerprint(secret, `${channel}/${likeId} taken back`);
}

export function isLike(event: LogEvent): event is Logged {
  return 'record' in event;
}

/** The id of the like that an event counts or cancels. */
export function likeIdOf(event: LogEvent): string {
  return isLike(event) ? event.record.likeId : event.cancel.cancels;
}

/** When it was accepted, ms since the epoch. */
export function timeOf(event: LogEvent): number {
  return isLike(event) ? event.record.at : event.cancel.at;
}

/** What there is of each channel, in its order. */
export function byChannel<Item extends { readonly channel: string }>(
  events: readonly Item[],
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const event of events) {
    const group = groups.get(event.channel);
    if (group) group.push(event);
    else groups.set(event.channel, [event]);
  }
  return groups;
}
