import { type Clock, every, pause, type Timer } from '../../runtime/clock';
import type { RecordClient } from './drain-records';

const BEAT_MS = 1_000;
/** A running process writes several beats in this time. */
const WATCH_MS = 4_000;
/** The record of a process that was killed expires. */
const KEEP_S = 24 * 3_600;

const WRITE =
  'INSERT INTO processes (datacenter, id, role, origin, beat) VALUES (?, ?, ?, ?, ?) ' +
  `USING TTL ${KEEP_S} AND TIMESTAMP ?`;
const REMOVE = 'DELETE FROM processes USING TIMESTAMP ? WHERE datacenter = ? AND id = ?';
const READ = 'SELECT id, role, origin, beat FROM processes WHERE datacenter = ?';
/** The longest wait for a removal at the end of a process; the store may be unavailable. */
const REMOVE_MS = 1_000;
const OPTIONS = { prepare: true, isIdempotent: true };

/** A producer or dispatcher. */
export interface ServingProcess {
  readonly datacenter: string;
  /** New at each start. */
  readonly id: string;
  readonly role: string;
  readonly origin: string;
}

/**
 * Beats of one process: a number in the store that only rises. Readers detect whether the process
 * runs from its changes, so no clocks are compared.
 */
export class ProcessBeats {
  private beat = 0;
  private beats: Timer | undefined;

  constructor(
    private readonly client: RecordClient,
    private readonly process: ServingProcess,
    private readonly clock: Clock,
    private readonly failed: (doing: string, error: unknown) => void,
  ) {}

  /** Resolves when the first beat is stored. */
  async start(): Promise<void> {
    await this.write();
    this.beats ??= every(this.clock, BEAT_MS, () =>
      this.write().catch((error: unknown) => this.failed('beat', error)),
    );
  }

  /** Ends the beats and removes the record. */
  async stop(): Promise<void> {
    if (!this.beats) return;
    this.beats.cancel();
    const { datacenter, id } = this.process;
    await this.client
      .execute(REMOVE, [this.beat + 1, datacenter, id], { ...OPTIONS, readTimeout: REMOVE_MS })
      .catch((error: unknown) => this.failed('remove the beat', error));
  }

  private async write(): Promise<void> {
    const { datacenter, id, origin, role } = this.process;
    this.beat += 1;
    // The beat is also the write's timestamp: the newest write wins, whatever the clock of this
    // machine is.
    const values = [datacenter, id, role, origin, this.beat, this.beat];
    await this.client.execute(WRITE, values, OPTIONS);
  }
}

/** Finds the producers and dispatchers of a datacenter that run. */
export class RunningProcesses {
  private beats = new Map<string, number>();

  constructor(
    private readonly client: RecordClient,
    private readonly datacenter: string,
    private readonly clock: Clock,
  ) {}

  /** A text for each process that runs; takes some seconds. */
  async watch(): Promise<string[]> {
    await this.changed();
    await pause(this.clock, WATCH_MS);
    return this.changed();
  }

  /** A text for each process with a new beat since the last call. */
  async changed(): Promise<string[]> {
    const { beats } = this;
    const { rows } = await this.client.execute(READ, [this.datacenter], OPTIONS);
    this.beats = new Map(rows.map((row) => [String(row.get('id')), Number(row.get('beat'))]));
    const running = rows.filter((row) => {
      const id = String(row.get('id'));
      return this.beats.get(id) !== beats.get(id);
    });
    return running.map((row) => `ROLE=${row.get('role')} on ${row.get('origin')}`);
  }
}
