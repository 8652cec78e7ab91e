import type { EventTypes } from '../../schemas/event-types';
import type { State } from '../../schemas/state';
import type { StateScan } from '../state-scan';
import { type ScanOptions, scanTable } from './scan';
import { toState } from './state-store';

const STATES =
  'SELECT channel, type, origin, state FROM states ' +
  'WHERE token(channel) > ? AND token(channel) <= ?';

/** The saved states in Cassandra, read in pages. */
export class CassandraStateScan implements StateScan {
  constructor(
    private readonly types: EventTypes,
    private readonly options: Pick<ScanOptions, 'client' | 'clock'>,
  ) {}

  scan(origin: string, visit: (states: readonly State[]) => Promise<void>): Promise<void> {
    return scanTable(STATES, {
      ...this.options,
      visit: (rows) => {
        const own = rows.filter((row) => row.get('origin') === origin);
        return visit(own.map((row) => toState(this.types, row)));
      },
    });
  }
}
