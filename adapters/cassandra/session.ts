import type { QueryOptions, types } from 'cassandra-driver';
import type { Clock } from '../../runtime/clock';
import { asLikestreamError } from '../../schemas/errors';
import { CASSANDRA_LIMITS, RequestLimiter, type RequestLimits } from './request-limiter';

/** The values of a statement's `?`, in order. */
export type Values = readonly unknown[];

/** Statements on Cassandra, as stores use it. All reject with `store_unavailable`. */
export interface CassandraSession {
  /** Runs a statement and resolves with its rows. */
  execute(query: string, values: Values): Promise<readonly types.Row[]>;
  /** Runs a statement for each of `all`, any number; resolves with all rows in that order. */
  executeAll(query: string, all: readonly Values[]): Promise<readonly types.Row[]>;
  /** Runs a write for each values of each batch; a batch is one request, of one partition. */
  executeBatches(query: string, batches: readonly (readonly Values[])[]): Promise<void>;
}

/** The part of the driver's client that runs single statements. */
export interface StatementClient {
  execute(query: string, values: unknown[], options: QueryOptions): Promise<types.ResultSet>;
}

/** The part of the driver's client that a session uses. */
export interface BatchClient extends StatementClient {
  batch(queries: Statement[], options: QueryOptions): Promise<types.ResultSet>;
}

interface Statement {
  readonly query: string;
  readonly params: unknown[];
}

// Every statement is idempotent, so the driver may repeat it on another node.
const OPTIONS: QueryOptions = { prepare: true, isIdempotent: true };
// A batch within one partition is applied as one write: a log of batches would only cost.
const BATCH_OPTIONS: QueryOptions = { ...OPTIONS, logged: false };

/**
 * Runs all statements of all stores. They share one limiter, because the driver throws if the whole
 * process has too many requests in flight.
 */
export class LimitedSession implements CassandraSession {
  private readonly limiter: RequestLimiter;

  constructor(
    private readonly client: BatchClient,
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
    await this.run(all.length, async (index) => {
      const { rows } = await this.client.execute(query, [...(all[index] ?? [])], OPTIONS);
      // The driver returns no `rows` for a write.
      found[index] = rows ?? [];
    });
    return found.flat();
  }

  executeBatches(query: string, batches: readonly (readonly Values[])[]): Promise<void> {
    return this.run(batches.length, async (index) => {
      const statements = (batches[index] ?? []).map((values) => ({ query, params: [...values] }));
      const [first] = statements;
      if (first && statements.length === 1) {
        await this.client.execute(query, first.params, OPTIONS);
      } else {
        await this.client.batch(statements, BATCH_OPTIONS);
      }
    });
  }

  /** Rejects all waiting calls; requests in flight end with their client. */
  close(): void {
    this.limiter.close();
  }

  private async run(size: number, start: (index: number) => Promise<void>): Promise<void> {
    try {
      await this.limiter.run(size, start);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }
}
