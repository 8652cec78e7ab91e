import type { Update } from '../../schemas/delivery';
import type { Publication } from '../../schemas/peer-update';
import type { Position } from '../../schemas/position';

/** The result of peers' updates. */
export interface PeerResult {
  /** The new states of the channels. */
  readonly updates: readonly Update[];
  /**
   * Entries that a later datacenter has counted, too, to be published again. They must be in the
   * log before the position of the updates is committed.
   */
  readonly republished: readonly Publication[];
  /** The error of cancels that could not be appended; the next checkpoint repeats them. */
  readonly uncancelled?: unknown;
}

/** The result of a checkpoint. */
export interface CheckpointResult {
  /** The position to commit. */
  readonly position: Position;
  /**
   * Entries that were stored late, to be published again: a peer may have evicted their ids, and
   * may have looked them up too early. They must be in the log before the position is committed.
   */
  readonly republished: readonly Publication[];
}
