import { z } from 'zod';

/** The names of facts that operators set. A fact holds if its name is in the list. */
export const FACT = {
  allPaused: 'paused',
  paused: (channel: string): string => `paused/${channel}`,
  banned: (memberId: string): string => `banned/${memberId}`,
} as const;

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
}
