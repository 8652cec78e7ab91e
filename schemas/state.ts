import { z } from 'zod';
import { type Counts, counter, counts } from './policies/counter';

/**
 * One origin's state of a channel. `version` is the offset of the last record that changed it, in
 * that origin's log. The counts are a function of the log up to this offset and of nothing else.
 */
export interface OriginState {
  readonly version: number;
  readonly counts: Counts;
  /**
   * Until this log time, ms since the epoch, owners that may lack ids of the channel look its ids
   * up. An id of the future sets it, because at that time a duplicate of the id would be young.
   */
  readonly lookUpUntil?: number | undefined;
}

/** One origin's state of one channel, as it is saved in one cell. */
export interface State extends OriginState {
  readonly channel: string;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
}

/** A channel's states by origin, as they are delivered. */
export type Vector = Readonly<Record<string, OriginState>>;

export const originState = z.object({
  version: z.int(),
  counts,
  lookUpUntil: z.int().optional(),
});
export const vector = z.record(z.string().max(80), originState);

/** Whether `next` replaces `current`: the newest version wins, origin by origin. */
export function isNewer(next: OriginState, current: OriginState | undefined): boolean {
  return current === undefined || next.version > current.version;
}

/** `current` with the newer states of `next`; the same object if none is newer. */
export function mergeVectors(current: Vector, next: Vector): Vector {
  let merged: Record<string, OriginState> | undefined;
  for (const [origin, state] of Object.entries(next)) {
    if (isNewer(state, current[origin])) {
      merged ??= { ...current };
      merged[origin] = state;
    }
  }
  return merged ?? current;
}

/** The states of one channel as a vector. */
export function toVector(states: Iterable<State>): Vector {
  const byOrigin: Record<string, OriginState> = {};
  for (const { channel: _, origin, ...state } of states) byOrigin[origin] = state;
  return byOrigin;
}

/** The channel's counts, summed over its origins. */
export function countsOf(of: Vector): Counts {
  return counter.sum(Object.values(of).map((state) => state.counts));
}
