import { z } from 'zod';

/** The beginning of the names of bans. */
const BANNED = 'banned/';

/** The names of facts that operators set. A fact holds if its name is in the list. */
export const FACT = {
  allPaused: 'paused',
  paused: (channel: string): string => `paused/${channel}`,
  banned: (memberId: string): string => `${BANNED}${memberId}`,
  slow: (channel: string, seconds: number): string => `${slowPrefix(channel)}${seconds}`,
} as const;

/** The member whose ban a fact is; undefined for other facts. */
export function bannedIn(fact: string): string | undefined {
  return fact.startsWith(BANNED) ? fact.slice(BANNED.length) : undefined;
}

/** The longest time of slow mode, seconds. */
export const MAX_SLOW_S = 3_600;

/** The beginning of the names of a channel's slow mode, of any time. */
export function slowPrefix(channel: string): string {
  return `slow/${channel}/`;
}

const SLOW = /^slow\/([^/]+)\/([1-9]\d{0,3})$/;

/**
 * By channel its time of slow mode, ms. If two operators have set two times at once, the longer one
 * holds until a time is set again.
 */
export function slowModesIn(names: Iterable<string>): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const name of names) {
    const [, channel, seconds] = SLOW.exec(name) ?? [];
    if (channel === undefined) continue;
    all.set(channel, Math.max(all.get(channel) ?? 0, Number(seconds) * 1_000));
  }
  return all;
}

/** The most facts that are stored; every node has all of them in memory. */
export const MAX_FACTS = 50_000;

/** All facts that hold, and the version of this list: any text that changes with the list. */
export const factList = z.object({ version: z.string(), names: z.array(z.string()).readonly() });

export type FactList = Readonly<z.infer<typeof factList>>;

/** The facts as a role asks for them, on each request. */
export interface Facts {
  /** Whether entries of this channel are refused. */
  isPaused(channel: string): boolean;
  /** Whether this member's entries and streams are refused. */
  isBanned(memberId: string): boolean;
  /** The time in which a member may write once in this channel, ms; 0 without slow mode. */
  slowModeMs(channel: string): number;
}
