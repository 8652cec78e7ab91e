import type { Client } from 'cassandra-driver';
import { openCassandra } from '../../adapters/cassandra/client';
import { LimitedSession } from '../../adapters/cassandra/session';
import { KEYSPACE } from '../../adapters/cassandra/set-up-tables';
import { CassandraStates } from '../../adapters/cassandra/state-store';
import { systemClock } from '../../runtime/clock';
import type { Counts } from '../../schemas/policies/counter';
import type { State } from '../../schemas/state';

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

/** Replaces a saved state by one with wrong counts and the next version; resolves with that. */
export function saveWrongState(
  contactPoint: string,
  channel: string,
  origin: string,
  wrong: (counts: Counts) => Counts,
): Promise<State> {
  return withCassandra(contactPoint, async (cassandra) => {
    await cassandra.execute(`USE ${KEYSPACE}`);
    const states = new CassandraStates(new LimitedSession(cassandra, systemClock));
    const saved = (await states.load([channel])).find((state) => state.origin === origin);
    if (!saved) throw new Error(`${channel} has no state of ${origin}`);
    const state = { ...saved, version: saved.version + 1, counts: wrong(saved.counts) };
    await states.save([state]);
    return state;
  });
}

/** Removes the saved states of all channels. */
export function truncateStates(contactPoint: string): Promise<void> {
  return withCassandra(contactPoint, async (cassandra) => {
    await cassandra.execute(`TRUNCATE ${KEYSPACE}.states`);
  });
}
