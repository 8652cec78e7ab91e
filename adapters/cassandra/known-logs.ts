import type { DrainRecords, DrainState, RecordClient } from './drain-records';

const LOGS = 'SELECT origin, partitions FROM logs';

/** A log that was begun: its origin, its partitions, and whether it is out of service. */
export interface KnownLog {
  readonly origin: string;
  readonly partitions: number;
  readonly state: DrainState | undefined;
}

/** All logs that any datacenter has begun, as they are recorded. */
export async function knownLogs(client: RecordClient, drains: DrainRecords): Promise<KnownLog[]> {
  const [{ rows }, states] = await Promise.all([
    client.execute(LOGS, [], { prepare: true }),
    drains.states(),
  ]);
  const partitions = new Map(
    rows.map((row) => [String(row.get('origin')), Number(row.get('partitions'))]),
  );
  return [...partitions].map(([origin, count]) => {
    return { origin, partitions: count, state: states.get(origin) };
  });
}
