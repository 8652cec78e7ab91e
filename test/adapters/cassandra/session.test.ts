import type { QueryOptions, types } from 'cassandra-driver';
import { CASSANDRA_LIMITS } from '../../../adapters/cassandra/request-limiter';
import { CassandraRowStore } from '../../../adapters/cassandra/row-store';
import { type BatchClient, LimitedSession } from '../../../adapters/cassandra/session';
import { SHARDS } from '../../../adapters/cassandra/shards';
import { CassandraStates } from '../../../adapters/cassandra/state-store';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import { VirtualClock } from '../../simulation/virtual-clock';

/** The driver's limit of requests in flight; it rejects further ones. */
const DRIVER_MAX_IN_FLIGHT = 2_048;

/** A client that does not answer while it is paused, and rejects like the driver. */
class FakeClient implements BatchClient {
  isPaused = false;
  inFlight = 0;
  most = 0;
  requests = 0;
  /** The ids of all rows that were written. */
  readonly written: string[] = [];
  private readonly held: (() => void)[] = [];

  async execute(query: string, values: unknown[]): Promise<types.ResultSet> {
    if (this.inFlight === DRIVER_MAX_IN_FLIGHT) throw new Error('BusyConnectionError');
    this.inFlight++;
    this.most = Math.max(this.most, this.inFlight);
    if (this.isPaused) await new Promise<void>((resolve) => this.held.push(resolve));
    await undefined;
    this.inFlight--;
    this.requests++;
    this.note(query, values);
    const rows = query.startsWith('SELECT') ? [{ get: () => values[0] }] : undefined;
    return { rows } as unknown as types.ResultSet;
  }

  async batch(queries: { query: string; params: unknown[] }[], { logged }: QueryOptions) {
    expect(logged).toBe(false);
    const keys = queries.map(({ params: [, , , ...key] }) => JSON.stringify(key.slice(0, 2)));
    expect(new Set(keys).size).toBe(1);
    const answer = await this.execute('BATCH', []);
    for (const { params, query } of queries) this.note(query, params);
    return answer;
  }

  private note(query: string, values: readonly unknown[]): void {
    const ids: unknown = values.at(-1);
    if (query.startsWith('UPDATE') && Array.isArray(ids)) this.written.push(...ids.map(String));
  }

  resume(): void {
    this.isPaused = false;
    for (const go of this.held.splice(0)) go();
  }
}

const channel = 'video:hot';

function entries(count: number) {
  const entry = { memberId: 'ann', body: { reaction: 'like' }, at: 1 };
  return Array.from({ length: count }, (_, offset) => ({ ...entry, id: `id-${offset}`, offset }));
}

describe('LimitedSession', () => {
  const open = () => {
    const [client, clock] = [new FakeClient(), new VirtualClock()];
    const session = new LimitedSession(client, clock);
    return { client, clock, session };
  };

  it('stores 14,000 entries of one channel that piled up during a pause', async () => {
    const { client, clock, session } = open();
    const store = new CassandraRowStore(session, likes, 'dc1.1');
    client.isPaused = true;
    const all = entries(14_000);
    const inserted = store.insert(channel, all);
    await clock.advance(6_000);
    expect(client.inFlight).toBe(CASSANDRA_LIMITS.inFlightOfCall);
    client.resume();
    await inserted;
    expect(client.written.sort()).toEqual(all.map(({ id }) => id).sort());
    expect(client.requests).toBeLessThanOrEqual(SHARDS);
  });

  it('stays below the driver’s limit, with any requests of all stores at once', async () => {
    const { client, clock, session } = open();
    const store = new CassandraRowStore(session, likes, 'dc1.1');
    const states = new CassandraStates(session, new EventTypes([likes]));
    const many = entries(5_000);
    const ids = many.map(({ id }) => id);
    const saved = many.map(({ offset }) => ({
      channel: `${channel}-${offset}`,
      ...{ type: 'likes', origin: 'dc1.1', version: offset, state: {} },
    }));
    client.isPaused = true;
    const all = Promise.all([
      ...[store.insert(channel, many), store.withdraw(channel, ids), states.save(saved)],
      ...many.slice(0, 2_000).map((entry) => store.insert(channel, [entry])),
      session.executeAll(
        'SELECT',
        ids.map((id) => [id]),
      ),
    ]);
    await clock.advance(1_000);
    expect(client.inFlight).toBe(CASSANDRA_LIMITS.inFlight);
    client.resume();
    await all;
    expect(client.most).toBe(CASSANDRA_LIMITS.inFlight);
  });

  it('returns the rows of all statements in the order of their values', async () => {
    const { session } = open();
    const ids = Array.from({ length: 3_000 }, (_, at) => at);
    const rows = await session.executeAll(
      'SELECT',
      ids.map((id) => [id]),
    );
    expect(rows.map((row) => row.get(0))).toEqual(ids);
  });

  it('rejects with `store_unavailable` if the client rejects', async () => {
    const { session, client } = open();
    client.inFlight = DRIVER_MAX_IN_FLIGHT;
    await expect(session.execute('SELECT', [])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });
});
