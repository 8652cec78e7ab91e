import { z } from 'zod';
import type { ReceivedMoment } from '../../../adapters/moments';
import { type LeasedType, leasedType, momentType } from '../../../schemas/event-type';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import type { LeasedPolicy } from '../../../schemas/policy';
import { newest } from '../../../schemas/state';

const policy = {
  state: z.number(),
  empty: 0,
  merge: newest,
  view: () => 0,
  same: () => false,
  total: () => 0,
  snapshot: () => ({}),
  news: () => [],
  count: () => 0,
};

/** A type of moments. */
export const waves = momentType({
  ...{ name: 'waves', channelKind: 'video', source: 'moments', showMs: 5_000, passEveryMs: 1_000 },
  body: z.strictObject({ height: z.number() }),
  policy: { ...policy, stateOf: ({ height }) => height },
});

const sums: LeasedPolicy<number, number, number> = {
  ...policy,
  value: z.number(),
  join: (values) => (values.length > 0 ? values.reduce((sum, each) => sum + each) : undefined),
  next: (_before, joined) => joined ?? 0,
};

/** A leased type. */
export const watching: LeasedType<number, number, number> = leasedType({
  ...{ name: 'watching', channelKind: 'video', source: 'streams', of: 'channel' },
  ...{ reportEveryMs: 1_000, newsEveryMs: 1_000, graceMs: 0 },
  value: (_before, { count }) => count || undefined,
  policy: sums,
});

export const types = new EventTypes([likes, waves, watching]);

const APPENDED_AT = 1_700_000_000_000;

/** A moment of our own datacenter. */
export function wave(height: number, more: Partial<ReceivedMoment> = {}): ReceivedMoment {
  return {
    ...{ channel: 'video:1', type: 'waves', memberId: 'ann', value: { height } },
    ...{ datacenter: 'dc1', offset: 1, appendedAt: APPENDED_AT, sending: { by: 'p1', ms: 0 } },
    ...more,
  };
}

/** A value of another datacenter. */
export function peerValue(value: unknown, more: Partial<ReceivedMoment> = {}): ReceivedMoment {
  const { memberId: _, ...rest } = wave(0);
  const place = { version: 7, life: 'a', datacenter: 'dc2', offset: 40 };
  return { ...rest, ...place, type: 'watching', value, ...more };
}
