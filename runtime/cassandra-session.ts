import type { QueryOptions, types } from 'cassandra-driver';
import { asLikestreamError } from '../schemas/errors';
import { CASSANDRA_LIMITS, RequestLimiter, type RequestLimits } from './cassandra-limiter';
import type { Clock } from './clock';

/** The values of a statement's `?`, in order. */
export type Values = readonly unknown[];

/** Statements on Cassandra, as stores use it. All reject with `store_unavailable`. */
export interface CassandraSession {
  /** Runs a statement, and gives its rows. */
  execute(query: string, values: Values): Promise<readonly types.Row[]>;
  /** Runs one statement for each of `all`, however many they are; gives all rows, in that order. */
  executeAll(query: string, all: readonly Values[]): Promise<readonly types.Row[]>;
}

/** What a session needs of the driver's client. */
export interface StatementClient {
  execute(query: string, values: unknown[], options: QueryOptions): Promise<types.ResultSet>;
}

// Every statement gives the same result when the driver repeats it on another node.
const OPTIONS: QueryOptions = { prepare: true, isIdempotent: true };

/**
 * The only way in which stores use a client: all of them share one limiter, since the driver throws
 * when too many requests are in flight, whichever part of the process sent them.
 */
export class LimitedSession implements CassandraSession {
  private readonly limiter: RequestLimiter;

  constructor(
    private readonly client: StatementClient,
    clock: Clock,
    limits: RequestLimits = CASSANDRA_LIMITS,
  ) {
    this.limiter = new RequestLimiter(limits, clock);
  }

  execute(query: string, values: Values): Promise<readonly types.Row[]> {
    return this.executeAll(query, [values]);
  }

  async executeAll(query: string, all: readonly Values[]): Promise<readonly types.Row[]> {
    const found: types.Row[][] = [];
    try {
      await this.limiter.run(all.length, async (index) => {
        const { rows } = await this.client.execute(query, [...(all[index] ?? [])], OPTIONS);
        // A write has no rows at all.
        found[index] = rows ?? [];
      });
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
    return found.flat();
  }

  /** Rejects what waits; requests in flight end with their client. */
  close(): void {
    this.limiter.close();
  }
}
