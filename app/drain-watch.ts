import type { DrainRecords, DrainState } from '../adapters/cassandra/drain-records';
import { type Clock, every, type Timer } from '../runtime/clock';

/** Producers notice a drain after this time and one read of the store: well within a second. */
export const DRAIN_READ_MS = 300;

export interface DrainWatchOptions {
  readonly origin: string;
  readonly records: Pick<DrainRecords, 'state'>;
  readonly clock: Clock;
  /** Reports a failed read; it is tried again. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** Reads regularly whether the log of this process is in service. */
export class DrainWatch {
  private state: DrainState | undefined;
  private reads: Timer | undefined;

  constructor(private readonly options: DrainWatchOptions) {}

  /** Resolves once the state has been read. */
  async start(): Promise<void> {
    this.state = await this.options.records.state(this.options.origin);
    this.reads ??= every(this.options.clock, DRAIN_READ_MS, () => this.read());
  }

  stop(): void {
    this.reads?.cancel();
  }

  /** Whether the log accepts no entries, at the last successful read. */
  get isDraining(): boolean {
    return this.state !== undefined && this.state !== 'serving';
  }

  private async read(): Promise<void> {
    try {
      this.state = await this.options.records.state(this.options.origin);
    } catch (error) {
      this.options.failed('watch the drain', error);
    }
  }
}
