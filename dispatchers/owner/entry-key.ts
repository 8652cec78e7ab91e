import type { LoggedType } from '../../schemas/event-type';
import { timeIn } from '../../schemas/record';
import type { Fingerprint, Fingerprints } from './fingerprints';

/** An entry of a channel, by its id and its fingerprint. */
export interface EntryKey {
  readonly channel: string;
  readonly entryId: string;
  /** The fingerprint of channel and id. */
  readonly fingerprint: Fingerprint;
  /** The time in the id, ms since the epoch; undefined unless it is a UUIDv7 (`timeIn`). */
  readonly made: number | undefined;
}

/** What the keys of a type's entries depend on. */
export interface KeyOptions {
  readonly type: Pick<LoggedType, 'idFrom'>;
  readonly fingerprints: Fingerprints;
}

/** The key of an entry. */
export function entryKey(
  { fingerprints, type }: KeyOptions,
  channel: string,
  entryId: string,
): EntryKey {
  const fingerprint = fingerprints.ofEntry(channel, entryId);
  return { channel, entryId, fingerprint, made: timeIn(type, entryId) };
}
