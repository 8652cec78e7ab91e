import type { EventLog, LogEntry } from '../adapters/event-log';
import { LikestreamError } from '../schemas/errors';

/** The log of producers. It refuses appends while it is being drained. */
export class DrainedLog implements EventLog {
  constructor(
    private readonly log: EventLog,
    private readonly isDraining: () => boolean,
  ) {}

  readonly append = (name: string, entries: readonly LogEntry[]): Promise<readonly number[]> => {
    if (!this.isDraining()) return this.log.append(name, entries);
    return Promise.reject(new LikestreamError('log_refused', 'the log is being drained'));
  };
}
