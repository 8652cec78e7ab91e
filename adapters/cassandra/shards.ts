import { spread } from '../../schemas/hash';
import { uuidv7Time } from '../../schemas/ids';

/** The partitions over which a channel's rows are spread, so that none grows without bound. */
export const SHARDS = 1_024;

/** The time of a UUIDv7 without its last 8 bits, `tttttttt-tt`, has two parts: 256 ms share it. */
const FIRST_PART = 8;
const SECOND_PART_END = 11;

/**
 * The shard, among those of a channel's rows, for this id. UUIDv7 ids of the same 256 ms share one,
 * so that a batch needs few requests.
 */
export function shardOf(id: string): number {
  const isTimed = uuidv7Time(id) !== undefined;
  return spread(isTimed ? sharedDigits(id) : id) % SHARDS;
}

function sharedDigits(id: string): string {
  return id.slice(0, FIRST_PART) + id.slice(FIRST_PART + 1, SECOND_PART_END);
}
