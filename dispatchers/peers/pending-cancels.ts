import type { EventLog, LogEntry } from '../../adapters/event-log';
import type { Offsets, RowStore } from '../../adapters/row-store';
import type { Clock } from '../../runtime/clock';
import { LikestreamError } from '../../schemas/errors';
import type { LoggedType } from '../../schemas/event-type';
import { encodeRecord } from '../../schemas/record';
import { byChannel } from '../by-channel';
import type { EntryKey } from '../owner/entry-key';
import { type OwnLogReader, readCopy } from '../owner/own-log';

/** If more entries than this wait to be cancelled, the partition consumes no records. */
const MAX_PENDING_CANCELS = 10_000;

export interface PendingCancelsOptions {
  /** The type of the log's entries. */
  readonly type: Pick<LoggedType, 'name' | 'policy'>;
  readonly log: EventLog;
  readonly store: RowStore;
  readonly clock: Clock;
  /** Called with an error if entries cannot be cancelled. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** An entry of our log that is to be cancelled. */
interface PendingCancel extends EntryKey {
  /** When the duplicate was found, ms since the epoch. */
  readonly at: number;
}

/** The channel and the id of an entry. */
type Name = Pick<EntryKey, 'channel' | 'entryId'>;

/**
 * Entries of our log that are to be cancelled. An entry may be added more than once, and its cancel
 * may be appended more than once: the fold applies the first one.
 */
export class PendingCancels {
  private readonly byName = new Map<string, PendingCancel>();
  /** The number of cancels in the last report of a closed log. */
  private reported = 0;
  /** How many entries were added, and how many of these the last successful `flush` included. */
  private added = 0;
  private flushed = 0;

  constructor(private readonly options: PendingCancelsOptions) {}

  add({ channel, entryId, fingerprint, made }: EntryKey): void {
    const name = nameOf({ channel, entryId });
    if (this.byName.has(name)) return;
    this.added += 1;
    const at = this.options.clock.now();
    this.byName.set(name, { channel, entryId, fingerprint, made, at });
  }

  /** Removes an entry whose cancel our log has. */
  remove(entry: Name): void {
    this.byName.delete(nameOf(entry));
  }

  /**
   * Appends the cancels, except those that the store has already: our log may have a cancel that
   * this owner has not read yet. Rejects, and keeps the entries, if the log or the store is
   * unavailable. An entry is also kept while neither memory nor the store has the counted body.
   *
   * If a drain has closed the log, reports the entries, keeps them and resolves, so that
   * checkpoints continue: only a recount cancels them, or a later `flush` if the drain is undone.
   */
  async flush(ownOf: (channel: string) => OwnLogReader): Promise<void> {
    const { added } = this;
    const channels = [...byChannel([...this.byName.values()])];
    const all = await Promise.all(
      channels.map(([channel, pending]) => this.cancelsOf(channel, pending, ownOf(channel))),
    );
    const entries = all.flatMap(({ cancels }) => cancels);
    if (!(await this.append(entries))) return;
    for (const entry of all.flatMap(({ done }) => done)) this.remove(entry);
    this.flushed = Math.max(this.flushed, added);
  }

  /** Whether entries wait that no `flush` could cancel; a successor must find them again. */
  get isUnflushed(): boolean {
    return this.byName.size > 0 && this.flushed < this.added;
  }

  /** Whether too many entries wait to be cancelled. */
  get isFull(): boolean {
    return this.byName.size >= MAX_PENDING_CANCELS;
  }

  get size(): number {
    return this.byName.size;
  }

  /** Resolves with whether the log accepted the entries; false if it is closed. */
  private async append(entries: readonly LogEntry[]): Promise<boolean> {
    try {
      if (entries.length > 0) await this.options.log.append(this.options.type.name, entries);
      this.reported = 0;
      return true;
    } catch (error) {
      if (!(error instanceof LikestreamError) || error.code !== 'log_closed') throw error;
      if (this.reported !== entries.length) this.options.failed('cancel', recountNeeded(entries));
      this.reported = entries.length;
      return false;
    }
  }

  /** The cancels to append, and the entries that are done once these are in the log. */
  private async cancelsOf(
    channel: string,
    pending: readonly PendingCancel[],
    own: OwnLogReader,
  ): Promise<{ readonly cancels: readonly LogEntry[]; readonly done: readonly Name[] }> {
    // Read before the look-up: if the entry is stored meanwhile, the look-up finds it.
    const unstored = pending.map((entry) => own.unstoredCopy(entry));
    const offsets = await offsetsOf(this.options.store, channel, pending);
    const cancels: LogEntry[] = [];
    const done = pending.filter((entry, index) => {
      const stored = offsets.get(entry.entryId);
      const counted = unstored[index] ?? readCopy(stored, own);
      const isWithdrawn = stored?.isWithdrawn ?? false;
      if (counted && !isWithdrawn) cancels.push(this.cancelOf(entry, counted.body));
      return isWithdrawn || counted !== undefined;
    });
    return { cancels, done };
  }

  /** The record that cancels the copy with this body. */
  private cancelOf({ at, channel, entryId }: PendingCancel, body: unknown): LogEntry {
    const undoKey = this.options.type.policy.undoKey(body);
    return { key: channel, value: encodeRecord({ cancels: entryId, undoKey, at }) };
  }
}

/** The stored copies of entries; makes no request for none. */
export async function offsetsOf(
  store: RowStore,
  channel: string,
  entries: readonly EntryKey[],
): Promise<ReadonlyMap<string, Offsets>> {
  if (entries.length === 0) return new Map();
  return store.offsets(
    channel,
    entries.map(({ entryId }) => entryId),
  );
}

function nameOf({ channel, entryId }: Name): string {
  return `${channel}/${entryId}`;
}

function recountNeeded({ length }: readonly LogEntry[]): LikestreamError {
  return new LikestreamError(
    'log_closed',
    'entries that another datacenter counted, too, and that the drained log cannot cancel: ' +
      `${length}. Stop all producers and dispatchers, and run \`npm run recount\``,
  );
}
