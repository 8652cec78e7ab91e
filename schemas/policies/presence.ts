import { z } from 'zod';
import type { LeasedPolicy } from '../policy';
import { newest } from '../state';

/** Whether a worker has streams of a member. */
export interface Attendance {
  readonly streams: number;
  /** When the last one was closed, ms since the epoch; undefined while one is open. */
  readonly closedAt?: number | undefined;
}

/** Whether a member is online, and if not, since when. */
export interface Presence {
  readonly online: boolean;
  /**
   * When the last stream was closed, ms since the epoch. An online member has it only while all
   * streams are closed, but may come back.
   */
  readonly lastActiveAt?: number | undefined;
}

export interface PresenceOptions {
  /** The event's name on the stream. */
  readonly event: string;
  /** How long workers keep a value after the last stream was closed (`LeasedType.graceMs`). */
  readonly graceMs: number;
}

const time = z.int().nonnegative();
const state = z.object({ online: z.boolean(), lastActiveAt: time.optional() });

/** The policy of a member's presence: online while a worker has a value, the grace included. */
export function presence({
  event,
  graceMs,
}: PresenceOptions): LeasedPolicy<Attendance, Presence, Presence> {
  return {
    shapes: { snapshot: state, events: { [event]: state.extend({ memberId: z.string() }) } },
    value: z.object({ streams: z.int().nonnegative(), closedAt: time.optional() }),
    state,
    empty: { online: false },
    merge: newest,
    join: (values) => (values.length > 0 ? values.reduce(joinTwo) : undefined),
    next(before, joined, now) {
      if (joined && joined.streams > 0) return { online: true };
      if (joined) return withTime(true, later(before?.lastActiveAt, joined.closedAt));
      // A lost worker could not report when its streams were closed.
      const closedAt = before?.online ? Math.max(0, now - graceMs) : undefined;
      return withTime(false, before?.lastActiveAt ?? closedAt);
    },
    view(states) {
      const all = Object.values(states).map(({ state }) => state);
      if (all.some(({ online }) => online)) return { online: true };
      const times = all.map(({ lastActiveAt }) => lastActiveAt);
      return withTime(false, times.reduce(later, undefined));
    },
    same: (one, other) => one.online === other.online && one.lastActiveAt === other.lastActiveAt,
    total: () => 0,
    snapshot: (view) => ({ ...view }),
    news: (view, _seen, { channelId }) => [{ event, data: { memberId: channelId, ...view } }],
    count: () => 1,
  };
}

function joinTwo(one: Attendance, other: Attendance): Attendance {
  const streams = one.streams + other.streams;
  const closedAt = later(one.closedAt, other.closedAt);
  return streams > 0 || closedAt === undefined ? { streams } : { streams, closedAt };
}

function withTime(online: boolean, lastActiveAt: number | undefined): Presence {
  return lastActiveAt === undefined ? { online } : { online, lastActiveAt };
}

function later(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}
