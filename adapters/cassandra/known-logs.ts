import type { DrainRecords, DrainState, RecordClient } from './drain-records';

const LOGS = 'SELECT origin, partitions FROM logs';

/** A log that some datacenter has begun: its origin, its partitions, and its drain state. */
export interface KnownLog {
  readonly origin: string;
  readonly partitions: number;
  readonly state: DrainState | undefined;
}

/** Reads all logs that any datacenter has begun. */
export async function knownLogs(client: RecordClient, drains: DrainRecords): Promise<KnownLog[]> {
  const [{ rows }, states] = await Promise.all([
    client.execute(LOGS, [], { prepare: true }),
    drains.states(),
  ]);
  // All topics of an origin have the same number of partitions.
  const partitions = new Map(
    rows.map((row) => [String(row.get('origin')), Number(row.get('partitions'))]),
  );
  return [...partitions].map(([origin, count]) => {
    return { origin, partitions: count, state: states.get(origin) };
  });
}
