import { fingerprint } from '../../schemas/hash';
import { uuidv7Time } from '../../schemas/ids';

/** A like of a channel, by its id and its fingerprint. */
export interface EntryKey {
  readonly channel: string;
  readonly likeId: string;
  /** The fingerprint of channel and like id. */
  readonly id: bigint;
  /** The time in the like id, ms since the epoch; undefined unless it is a UUIDv7. */
  readonly made: number | undefined;
}

/** The key of a like. `secret` keys the fingerprint, so clients cannot forge a collision. */
export function entryKey(secret: string, channel: string, likeId: string): EntryKey {
  const id = fingerprint(secret, `${channel}/${likeId}`);
  return { channel, likeId, id, made: uuidv7Time(likeId) };
}

/** The fingerprint of a like's cancel; it differs from the fingerprint of the like. */
export function cancelId(secret: string, channel: string, likeId: string): bigint {
  return fingerprint(secret, `${channel}/${likeId} cancelled`);
}
