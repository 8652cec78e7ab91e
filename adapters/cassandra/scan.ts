import { types } from 'cassandra-driver';
import { type Clock, pause } from '../../runtime/clock';
import type { StatementClient } from './session';

/** One page of each range is in memory at a time. */
const PAGE_ROWS = 2_000;
const RANGES = 256;
const RANGES_AT_ONCE = 8;

/** Murmur3's tokens. No row has the least one. */
const FIRST_TOKEN = -(2n ** 63n);
const TOKENS = 2n ** 64n;

const TRIES = 6;
const RETRY_MS = 1_000;

/** A statement that reads a query of a table, page by page. */
export interface PagedQuery {
  readonly query: string;
  readonly values: readonly unknown[];
}

export interface ScanOptions {
  readonly client: StatementClient;
  readonly clock: Clock;
  /** Called with each page once; a page is read again if its read fails. */
  readonly visit: (rows: readonly types.Row[]) => void | Promise<void>;
  /** Called after each range of tokens. */
  readonly progress?: ((done: number, ranges: number) => void) | undefined;
}

/**
 * Reads a whole table in ranges of tokens. `query` selects from it where the token of the partition
 * key is greater than one `?` and at most another one. Rejects with the driver's error if a page
 * cannot be read in several tries.
 */
export function scanTable(query: string, options: ScanOptions): Promise<void> {
  const size = TOKENS / BigInt(RANGES);
  const at = (range: number) =>
    types.Long.fromString(
      String(FIRST_TOKEN + BigInt(range) * size - (range === RANGES ? 1n : 0n)),
    );
  const queries = Array.from({ length: RANGES }, (_, range) => {
    return { query, values: [at(range), at(range + 1)] };
  });
  return readAll(queries, options);
}

/** Reads all pages of each query, several queries at a time. */
export async function readAll(queries: readonly PagedQuery[], options: ScanOptions): Promise<void> {
  const left = [...queries];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let query = left.shift(); query; query = left.shift()) {
      await readPages(query, options);
      done += 1;
      options.progress?.(done, queries.length);
    }
  };
  await Promise.all(Array.from({ length: RANGES_AT_ONCE }, work));
}

async function readPages({ query, values }: PagedQuery, options: ScanOptions): Promise<void> {
  let pageState: string | undefined;
  do {
    const page = await readPage(query, values, pageState, options);
    await options.visit(page.rows);
    pageState = page.pageState ?? undefined;
  } while (pageState !== undefined);
}

async function readPage(
  query: string,
  values: readonly unknown[],
  pageState: string | undefined,
  { client, clock }: ScanOptions,
): Promise<types.ResultSet> {
  const paging = { prepare: true, isIdempotent: true, fetchSize: PAGE_ROWS };
  for (let tries = 1; ; tries++) {
    try {
      return await client.execute(query, [...values], {
        ...paging,
        ...(pageState && { pageState }),
      });
    } catch (error) {
      if (tries === TRIES) throw error;
      await pause(clock, RETRY_MS);
    }
  }
}
