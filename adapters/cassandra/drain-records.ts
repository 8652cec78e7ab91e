import type { QueryOptions } from 'cassandra-driver';
import { z } from 'zod';

const drainState = z.enum(['serving', 'draining', 'drained', 'lost', 'recounting', 'recounted']);

/**
 * The state of a log's drain. `serving` after an undone drain; `lost` if the log ended because it
 * lost records, without a drain.
 */
export type DrainState = z.infer<typeof drainState>;

const STATE = 'SELECT state, WRITETIME(state) AS written FROM drains WHERE origin = ? LIMIT 1';
const STATES = 'SELECT DISTINCT origin, state FROM drains';
const ENDS = 'SELECT type, partition, end_offset FROM drains WHERE origin = ?';
const SET_STATE = 'UPDATE drains USING TIMESTAMP ? SET state = ? WHERE origin = ?';
const SET_END =
  'UPDATE drains USING TIMESTAMP ? SET end_offset = ? ' +
  'WHERE origin = ? AND type = ? AND partition = ?';

const US_PER_MS = 1_000;
const OPTIONS = { prepare: true, isIdempotent: true };

/** By event type, the end of each partition of its log: the offset after the last record. */
export type LogEndsByType = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** The methods of the driver's client that reads of processes and logs use. */
export interface RecordClient {
  execute(
    query: string,
    values: unknown[],
    options: QueryOptions,
  ): Promise<{ readonly rows: readonly { get(name: string): unknown }[] }>;
}

/** The recorded drains of all datacenters, by origin. */
export class DrainRecords {
  constructor(
    private readonly client: RecordClient,
    /** Wall clock, ms since the epoch; may step. */
    private readonly now: () => number,
  ) {}

  /** The state of an origin's log; undefined if it was never drained. */
  async state(origin: string): Promise<DrainState | undefined> {
    return (await this.written(origin)).state;
  }

  /** The states of all origins that have one. */
  async states(): Promise<ReadonlyMap<string, DrainState>> {
    const { rows } = await this.client.execute(STATES, [], OPTIONS);
    const all = new Map<string, DrainState>();
    for (const row of rows) {
      const { data } = drainState.safeParse(row.get('state'));
      if (data) all.set(String(row.get('origin')), data);
    }
    return all;
  }

  /** The recorded end of each partition, by event type. */
  async ends(origin: string): Promise<LogEndsByType> {
    const { rows } = await this.client.execute(ENDS, [origin], OPTIONS);
    const all = new Map<string, Map<number, number>>();
    for (const row of rows) {
      // An origin whose ends are not recorded has one row, with its state alone.
      if (row.get('end_offset') === null) continue;
      const type = String(row.get('type'));
      const ends = all.get(type) ?? new Map<number, number>();
      all.set(type, ends.set(Number(row.get('partition')), Number(row.get('end_offset'))));
    }
    return all;
  }

  /** Replaces the state, and records the ends with it if they are given. */
  async set(origin: string, state: DrainState, ends: LogEndsByType = new Map()) {
    // Newer than the last write, even if this clock is behind the clock of its writer.
    const { at } = await this.written(origin);
    const timestamp = Math.max(this.now() * US_PER_MS, at + 1);
    for (const [type, ofType] of ends) {
      for (const [partition, end] of ofType) {
        await this.client.execute(SET_END, [timestamp, end, origin, type, partition], OPTIONS);
      }
    }
    await this.client.execute(SET_STATE, [timestamp, state, origin], OPTIONS);
  }

  private async written(origin: string) {
    const { rows } = await this.client.execute(STATE, [origin], OPTIONS);
    const { data } = drainState.safeParse(rows[0]?.get('state'));
    return { state: data, at: Number(rows[0]?.get('written') ?? 0) };
  }
}
