import type { EventType } from '../../schemas/event-type';
import { fingerprint } from '../../schemas/hash';
import { timeIn } from '../../schemas/record';

/** An entry of a channel, by its id and its fingerprint. */
export interface EntryKey {
  readonly channel: string;
  readonly entryId: string;
  /** The fingerprint of channel and id. */
  readonly fingerprint: bigint;
  /** The time in the id, ms since the epoch; undefined unless it is a UUIDv7 (`timeIn`). */
  readonly made: number | undefined;
}

/** What the keys of a type's entries depend on. */
export interface KeyOptions {
  readonly type: Pick<EventType, 'idFrom'>;
  /** Keys the fingerprints, so clients cannot forge a collision of two ids. */
  readonly secret: string;
}

/** The key of an entry. */
export function entryKey({ secret, type }: KeyOptions, channel: string, entryId: string): EntryKey {
  return {
    ...{ channel, entryId, made: timeIn(type, entryId) },
    fingerprint: entryFingerprint(secret, channel, entryId),
  };
}

/** The fingerprint of an entry. */
export function entryFingerprint(secret: string, channel: string, entryId: string): bigint {
  return fingerprint(secret, `${channel}/${entryId}`);
}

/** The fingerprint of an entry's cancel; it differs from the fingerprint of the entry. */
export function cancelFingerprint(secret: string, channel: string, entryId: string): bigint {
  return fingerprint(secret, `${channel}/${entryId} cancelled`);
}
