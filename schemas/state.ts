import { z } from 'zod';

/**
 * One origin's state of one feed. `version` is the offset of the last record that changed it, in
 * that origin's log. `state` is a function of the log up to this offset and of nothing else.
 */
export interface Versioned<State = unknown> {
  readonly version: number;
  readonly state: State;
  /**
   * Until this log time, ms since the epoch, owners that may lack ids of the channel look its ids
   * up. An id of the future sets it, because at that time a duplicate of the id would be young.
   */
  readonly lookUpUntil?: number | undefined;
}

/** The states of one feed, a channel's events of one type, by origin. */
export type Vector<State = unknown> = Readonly<Record<string, Versioned<State>>>;

/** All states of a channel: a vector by event type. */
export type Feeds = Readonly<Record<string, Vector>>;

/** One origin's state of one feed, as it is saved in one cell. */
export interface State extends Versioned {
  readonly channel: string;
  /** The name of the event type. */
  readonly type: string;
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
}

/** Merges two states of one origin; returns `one` itself if `other` has nothing newer. */
export type Merge = (one: Versioned, other: Versioned) => Versioned;

const MAX_ORIGIN_LENGTH = 100;

/** A state whose own shape is not verified. */
export const versioned = z.object({
  version: z.int(),
  state: z.unknown(),
  lookUpUntil: z.int().optional(),
});

/** A vector of any event type; `EventTypes.parseVector` verifies the shape of its states. */
export const vector = z.record(z.string().max(MAX_ORIGIN_LENGTH), versioned);

/** The vectors of a channel, whose states are not verified. */
export const feeds = z.record(z.string().max(MAX_ORIGIN_LENGTH), vector);

/** The newest version wins: `other` only if it is newer. */
export function newest<State>(one: Versioned<State>, other: Versioned<State>): Versioned<State> {
  return other.version > one.version ? other : one;
}

/** `current` with what is newer in `next`, origin by origin; the same object if nothing is. */
export function mergeVectors(merge: Merge, current: Vector, next: Vector): Vector {
  let merged: Record<string, Versioned> | undefined;
  for (const origin of Object.keys(next)) {
    const [before, other] = [current[origin], next[origin]];
    if (!other) continue;
    const after = before ? merge(before, other) : other;
    if (after === before) continue;
    merged ??= { ...current };
    merged[origin] = after;
  }
  return merged ?? current;
}

/** `current` with what is newer in `next`, feed by feed; the same object if nothing is. */
export function mergeFeeds(mergeOf: (type: string) => Merge, current: Feeds, next: Feeds): Feeds {
  let merged: Record<string, Vector> | undefined;
  for (const type of Object.keys(next)) {
    const before = current[type];
    const after = mergeVectors(mergeOf(type), before ?? {}, next[type] ?? {});
    if (after === before) continue;
    merged ??= { ...current };
    merged[type] = after;
  }
  return merged ?? current;
}

/** States of one feed as a vector. */
export function toVector(states: Iterable<State>): Vector {
  const byOrigin: Record<string, Versioned> = {};
  for (const { channel: _, origin, type: __, ...state } of states) byOrigin[origin] = state;
  return byOrigin;
}

/** The states of one channel as feeds. */
export function toFeeds(states: Iterable<State>): Feeds {
  const byType: Record<string, Record<string, Versioned>> = {};
  for (const { channel: _, origin, type, ...state } of states) {
    const feed = byType[type] ?? {};
    byType[type] = feed;
    feed[origin] = state;
  }
  return byType;
}

/** The versions of a vector, by origin. */
export function versionsOf(of: Vector): ReadonlyMap<string, number> {
  return new Map(Object.entries(of).map(([origin, { version }]) => [origin, version]));
}
