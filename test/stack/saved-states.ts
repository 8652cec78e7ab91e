import type { Client } from 'cassandra-driver';
import { openCassandra } from '../../adapters/cassandra/client';
import { LimitedSession } from '../../adapters/cassandra/session';
import { CassandraStates } from '../../adapters/cassandra/state-store';
import { systemClock } from '../../runtime/clock';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import type { Counts } from '../../schemas/policies/counter';
import type { State } from '../../schemas/state';

const { keyspace } = new Names();

/** Runs a task with a connection to the Cassandra at `contactPoint`. */
export async function withCassandra<Result>(
  contactPoint: string,
  task: (cassandra: Client) => Promise<Result>,
): Promise<Result> {
  const cassandra = openCassandra({
    contactPoints: [contactPoint],
    localDatacenter: 'datacenter1',
  });
  try {
    await cassandra.connect();
    return await task(cassandra);
  } finally {
    await cassandra.shutdown();
  }
}

/**
 * Replaces a saved state of likes by one with wrong counts and the next version; resolves with
 * that.
 */
export function saveWrongState(
  contactPoint: string,
  channel: string,
  origin: string,
  wrong: (counts: Counts) => Counts,
): Promise<State> {
  return withCassandra(contactPoint, async (cassandra) => {
    await cassandra.execute(`USE "${keyspace}"`);
    const types = new EventTypes([likes]);
    const states = new CassandraStates(new LimitedSession(cassandra, systemClock), types);
    const all = await states.load([channel], likes.name);
    const saved = all.find((state) => state.origin === origin);
    if (!saved) throw new Error(`${channel} has no state of ${origin}`);
    const counts = wrong(likes.policy.state.parse(saved.state));
    const state = { ...saved, version: saved.version + 1, state: counts };
    await states.save([state]);
    return state;
  });
}

/** Removes the saved states of all channels. */
export function truncateStates(contactPoint: string): Promise<void> {
  return withCassandra(contactPoint, async (cassandra) => {
    await cassandra.execute(`TRUNCATE "${keyspace}".states`);
  });
}
