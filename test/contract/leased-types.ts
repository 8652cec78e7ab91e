import { z } from 'zod';
import { type LeasedType, leasedType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import type { LeasedPolicy } from '../../schemas/policy';
import { newest } from '../../schemas/state';

/** What remains of a feed: the sum of its values, and the greatest sum so far. */
export interface Level {
  readonly now: number;
  readonly most: number;
}

const state = z.object({ now: z.number(), most: z.number() });

const policy: LeasedPolicy<number, Level, Level> = {
  value: z.number(),
  state,
  empty: { now: 0, most: 0 },
  merge: newest,
  join: (values) => (values.length > 0 ? values.reduce((sum, each) => sum + each, 0) : undefined),
  next: (before, joined = 0) => ({ now: joined, most: Math.max(before?.most ?? 0, joined) }),
  view: (states) => Object.values(states)[0]?.state ?? { now: 0, most: 0 },
  same: (one, other) => one.now === other.now,
  total: () => 0,
  snapshot: ({ now }) => ({ now }),
  news: ({ now }) => [{ event: 'level', data: { now } }],
  count: () => 0,
};

const basics: Omit<LeasedType<number, Level, Level>, 'name'> = {
  source: 'streams',
  channelKind: 'video',
  of: 'channel',
  graceMs: 0,
  reportEveryMs: 0,
  newsEveryMs: 0,
  value: (_, { count }) => count,
  policy,
};

/** A leased type that is saved, and goes with its worker. */
export const levels = leasedType({ ...basics, name: 'levels', saveEveryMs: 60_000 });

/** A leased type whose values outlive their worker by 30 s. */
export const stays = leasedType({ ...basics, name: 'stays', graceMs: 30_000 });

/** A leased type that streams do not carry. */
export const hidden = leasedType({
  ...basics,
  ...{ name: 'hidden', saveEveryMs: 60_000, shownBy: 'levels' },
});

/** A logged type and three leased ones of one kind of channels. */
export const LEASED_TYPES = new EventTypes([likes, levels, stays, hidden]);
