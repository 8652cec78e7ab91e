import { DIGEST_BUCKETS } from '../../schemas/digest';

/** The buckets whose keys' expiry one renewal of a worker refreshes. */
export const KEPT_BUCKETS_PER_TURN = 4;

/** The buckets that one renewal checks for lost keys. */
export const CHECKED_BUCKETS_PER_TURN = 32;

/** The renewals that refresh the expiry of all buckets once. */
export const TURNS_PER_ROTATION = DIGEST_BUCKETS / KEPT_BUCKETS_PER_TURN;

/** A worker's keys expire this long after their last refresh: several rotations. */
export const HELD_MS = 600_000;
