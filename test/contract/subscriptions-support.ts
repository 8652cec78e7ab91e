import type { Directory } from '../../adapters/directory';
import type { Leases } from '../../adapters/leases';
import type { StateCache } from '../../adapters/state-cache';
import type { StateStore } from '../../adapters/state-store';
import type { Subscriptions } from '../../adapters/subscriptions';
import type { Worker } from '../../schemas/delivery';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import type { Feeds, State } from '../../schemas/state';

export interface SubscriptionsFixture {
  readonly subscriptions: Subscriptions;
  /** The back ends of the dispatchers. */
  readonly directory: Directory;
  readonly leases: Leases;
  readonly cache: StateCache;
  readonly states: StateStore;
  /** Makes the directory unreachable. */
  readonly cutOff: () => void;
  readonly close: () => Promise<void>;
}

/** The objects of each test. */
export type Use = () => {
  fixture: SubscriptionsFixture;
  worker: Worker;
  join: (...channels: string[]) => Promise<Map<string, Feeds>>;
  renew: (held: Iterable<readonly [string, Feeds]>) => Promise<readonly number[]>;
};

/** The event types of the dispatchers. */
export const TYPES = new EventTypes([likes, { ...likes, name: 'votes' }]);

/** A saved state that counts one more entry than its version. */
export function state(
  channel: string,
  version: number,
  { origin = 'dc1.1', type = 'likes' } = {},
): State {
  return { channel, type, origin, version, state: { like: version + 1 } };
}

/** States of one channel as feeds; by default one state of likes. */
export function feeds(version: number, origin = 'dc1.1', type = 'likes'): Feeds {
  return { [type]: { [origin]: { version, state: { like: version + 1 } } } };
}

/** The ids of the workers that watch a channel. */
export async function watchers(
  { directory }: SubscriptionsFixture,
  channel: string,
): Promise<string[]> {
  const [ids] = await directory.watchers([channel]);
  return [...(ids ?? [])];
}
