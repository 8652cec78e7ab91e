import { spread } from '../../schemas/hash';
import { uuidv7Time } from '../../schemas/ids';

/** The partitions over which a channel's rows are spread, so that none grows without bound. */
export const SHARDS = 1_024;

/** These digits of a UUIDv7 are its time without the last 8 bits: 256 ms share them. */
const SHARED_HEX_DIGITS = 10;

/**
 * The shard, among those of a channel's rows, for this id. UUIDv7 ids of the same 256 ms share one,
 * so that a batch needs few requests.
 */
export function shardOf(id: string): number {
  const isTimed = uuidv7Time(id) !== undefined;
  const text = isTimed ? id.replaceAll('-', '').slice(0, SHARED_HEX_DIGITS) : id;
  return spread(text) % SHARDS;
}
