import type { EventLog, LogEntry } from '../../adapters/event-log';
import type { FoundEntry, StoredEntry } from '../../adapters/row-store';
import { pause } from '../../runtime/clock';
import { LikestreamError } from '../../schemas/errors';
import type { LoggedType } from '../../schemas/event-type';
import { type EntriesRecord, parseRecord } from '../../schemas/record';
import type { VirtualClock } from '../simulation/virtual-clock';
import { FakeStore } from './parts';

/** How a call ends; `unanswered`: it takes effect, but is rejected. */
export interface Outcome {
  readonly kind: 'done' | 'refused' | 'failed' | 'unanswered';
  readonly afterMs: number;
}

const DONE: Outcome = { kind: 'done', afterMs: 1 };

/** A record of a call of `append`. */
export interface CalledRecord {
  readonly channel: string;
  readonly record: EntriesRecord;
  readonly bytes: number;
  /** The number of the call. */
  readonly call: number;
  /** The number of inserts that had ended when it was called. */
  readonly insertsBefore: number;
  /** Undefined while it is not in the log. */
  offset?: number;
}

/** A log whose appends end as the test says, and then successfully. */
export class ScriptedLog implements EventLog {
  readonly called: CalledRecord[] = [];
  outcomes: readonly Outcome[] = [];
  private calls = 0;
  private end = 0;

  constructor(
    private readonly type: LoggedType,
    private readonly clock: VirtualClock,
    private readonly store: ScriptedStore,
  ) {}

  readonly append = async (_: string, entries: readonly LogEntry[]): Promise<readonly number[]> => {
    const call = this.calls++;
    const { afterMs, kind } = this.outcomes[call] ?? DONE;
    const records = entries.map((entry) => this.calledWith(entry, call));
    this.called.push(...records);
    await pause(this.clock, afterMs);
    if (kind === 'refused') throw new LikestreamError('log_refused');
    if (kind === 'failed') throw new LikestreamError('log_unavailable');
    for (const record of records) record.offset = this.end++;
    if (kind === 'unanswered') throw new LikestreamError('log_unavailable');
    return records.map(({ offset }) => offset ?? -1);
  };

  /** The records in the log. */
  get landed(): CalledRecord[] {
    return this.called.filter(({ offset }) => offset !== undefined);
  }

  private calledWith({ key, value }: LogEntry, call: number): CalledRecord {
    const record = parseRecord(this.type, value);
    if (!('entries' in record)) throw new Error('producers append no cancels');
    const insertsBefore = this.store.inserts.length;
    return { channel: key, record, bytes: Buffer.byteLength(value), call, insertsBefore };
  }
}

/** A store whose inserts end as the test says, and then successfully. */
export class ScriptedStore extends FakeStore {
  /** The rows of each insert that has ended, with their channel, in order. */
  readonly inserts: { channel: string; rows: readonly StoredEntry[] }[] = [];
  outcomes: readonly Outcome[] = [];
  private calls = 0;

  constructor(private readonly clock: VirtualClock) {
    super();
  }

  override async insert(channel: string, rows: readonly StoredEntry[]): Promise<void> {
    const { afterMs, kind } = this.outcomes[this.calls++] ?? DONE;
    await pause(this.clock, afterMs);
    const isStored = kind === 'done' || kind === 'unanswered';
    if (isStored) await super.insert(channel, rows);
    if (kind !== 'done') throw new LikestreamError('store_unavailable');
    this.inserts.push({ channel, rows });
  }

  override async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    await pause(this.clock, 2);
    return super.find(channel, ids);
  }
}
