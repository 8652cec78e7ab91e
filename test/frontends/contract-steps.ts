import fc from 'fast-check';
import { WAIT_MS } from '../../frontends/channels/fan-out';
import { CHANNELS, ORIGINS, TYPES } from './contract-logs';

export const CLIENTS = 4;
export const FRONTENDS = 2;

const channel = fc.constantFrom(...CHANNELS);
const client = fc.nat({ max: CLIENTS - 1 });
const front = fc.nat({ max: FRONTENDS - 1 });
const type = fc.constantFrom(...TYPES);
const origin = fc.constantFrom(...ORIGINS);
const age = fc.constantFrom(0, 0, 0, 1, 3);
const events = fc.option(fc.subarray([...TYPES, 'unknown'], { minLength: 2 }), { nil: undefined });
const append = fc.record({
  ...{ do: fc.constant('append' as const), channel, type, origin },
  times: fc.integer({ min: 1, max: 4 }),
  deliversTo: fc.subarray([0, 1]),
  key: fc.constantFrom('a', 'b'),
  kind: fc.constantFrom('entry' as const, 'entry' as const, 'copy' as const, 'cancel' as const),
});
const deliver = fc.record({
  do: fc.constant('deliver' as const),
  front,
  channel,
  type,
  origin,
  age,
});
const connect = fc.record({
  ...{ do: fc.constant('connect' as const), client, front, events },
  channels: fc.subarray(CHANNELS, { minLength: 1 }),
  hasAllIds: fc.boolean(),
});
const read = fc.record({ do: fc.constant('read' as const), client, most: fc.nat({ max: 4 }) });
const advance = fc.record({
  do: fc.constant('advance' as const),
  ms: fc.constantFrom(0, 0, 20, 20, 600, WAIT_MS + 600),
});
/** What happens to two frontends, the logs and some clients. */
export const step = fc.oneof(
  ...[append, append, append, deliver, deliver, connect, read, read, advance, advance, advance],
  fc.record({ do: fc.constant('lag' as const), age }),
  fc.record({ do: fc.constant('join' as const), client, channel, events, hasId: fc.boolean() }),
  fc.record({ do: fc.constant('leave' as const), client, channel }),
  fc.record({ do: fc.constant('full' as const), client, after: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constant('drain' as const), client }),
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The steps of some kinds. */
export type StepOf<Does extends Step['do']> = Extract<Step, { do: Does }>;
