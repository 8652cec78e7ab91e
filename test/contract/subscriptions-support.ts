import type { Directory } from '../../adapters/directory';
import type { Leases } from '../../adapters/leases';
import type { StateCache } from '../../adapters/state-cache';
import type { StateStore } from '../../adapters/state-store';
import type { Subscriptions } from '../../adapters/subscriptions';
import type { Worker } from '../../schemas/delivery';
import type { State, Vector } from '../../schemas/state';

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
  join: (...channels: string[]) => Promise<Map<string, Vector>>;
  renew: (held: Iterable<readonly [string, Vector]>) => Promise<readonly number[]>;
};

/** A saved state that counts one more like than its version. */
export function state(channel: string, version: number, origin = 'dc1.1'): State {
  return { channel, origin, version, counts: { like: version + 1 } };
}

/** That state as a vector. */
export function vector(version: number, origin = 'dc1.1'): Vector {
  return { [origin]: { version, counts: { like: version + 1 } } };
}

/** The ids of the workers that watch a channel. */
export async function watchers(
  { directory }: SubscriptionsFixture,
  channel: string,
): Promise<string[]> {
  const [ids] = await directory.watchers([channel]);
  return [...(ids ?? [])];
}
