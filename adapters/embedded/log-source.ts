import { type Clock, every, type Timer } from '../../runtime/clock';
import { asLikestreamError, isFinal, LikestreamError } from '../../schemas/errors';
import { knownEnd, type Position } from '../../schemas/position';
import type { LogConsumer, LogSource } from '../log-source';
import { lossError, replacedError } from '../shared/log-loss';
import { markOf, type RecordMark } from '../shared/recent-records';
import type { Database } from './database';
import type { EmbeddedGroup } from './group';
import { positionKey } from './positions';
import type { ReadableLog } from './readable-log';

const BEAT_MS = 1_000;
const RETRY_MS = 200;
const MAX_RECORDS = 500;

export interface EmbeddedSourceOptions {
  readonly memberId: string;
  readonly topic: string;
  readonly log: ReadableLog;
  readonly database: Database;
  readonly group: EmbeddedGroup;
  readonly clock: Clock;
  /** Called before a commit: writes the rows of all records below the position. */
  readonly beforeCommit?: (() => Promise<void>) | undefined;
  /** Called if the log has lost counted records: the process must end. */
  readonly fatal?: ((error: Error) => void) | undefined;
}

/** A position as it is stored: with the mark of the last record before it. */
interface SavedPosition extends Position {
  readonly mark?: RecordMark | undefined;
}

/** How far an owned partition is read. */
interface ReadState {
  next: number;
  isReading: boolean;
  retry?: Timer;
}

const NO_POSITION: SavedPosition = { done: 0, from: 0 };

/** A member of the consumer group on the embedded log. */
export class EmbeddedSource implements LogSource {
  private readonly reads = new Map<number, ReadState>();
  /** Partitions that have lost records; they are not read. */
  private readonly damaged = new Set<number>();
  private owner: LogConsumer | undefined;
  private beats: Timer | undefined;
  private unlisten: (() => void) | undefined;

  constructor(private readonly options: EmbeddedSourceOptions) {}

  async start(owner: LogConsumer): Promise<void> {
    this.owner = owner;
    this.unlisten = this.options.log.onAppend((topic, partition) => {
      if (topic === this.options.topic) void this.read(partition);
    });
    this.rebalance();
    this.beats = every(this.options.clock, BEAT_MS, () => this.rebalance());
  }

  async commit(partition: number, position: Position): Promise<void> {
    const { beforeCommit, database, group, log, memberId, topic } = this.options;
    if (!group.owns(memberId, partition)) {
      throw new LikestreamError('log_unavailable', 'another member owns the partition');
    }
    const mark = this.markAt(partition, knownEnd(position) - 1);
    const value = { ...position, ...(mark && { mark: { ...mark } }) };
    try {
      await beforeCommit?.();
      await database.write([{ key: positionKey(topic, partition), value }]);
      await log.trim(topic, partition, position.from);
    } catch (error) {
      throw asLikestreamError(error, 'log_unavailable');
    }
  }

  async verifyEnd(partition: number, known: number): Promise<number> {
    const end = this.options.log.end(this.options.topic, partition) ?? 0;
    if (end < known) throw this.lossOf(partition, end, known);
    return end;
  }

  async stop(): Promise<void> {
    this.beats?.cancel();
    this.unlisten?.();
    await Promise.all([...this.reads.keys()].map((partition) => this.release(partition)));
    this.options.group.leave(this.options.memberId);
  }

  private rebalance(): void {
    const owned = this.options.group.beat(this.options.memberId);
    for (const partition of this.reads.keys()) {
      if (!owned.includes(partition)) void this.release(partition);
    }
    for (const partition of owned) {
      if (!this.reads.has(partition) && !this.damaged.has(partition)) this.tryToAssign(partition);
    }
  }

  // If the database cannot be read now, the next beat tries again.
  private tryToAssign(partition: number): void {
    try {
      this.assign(partition);
    } catch (error) {
      this.reads.delete(partition);
      if (isFinal(error)) this.end(partition, error);
    }
  }

  /** A partition with such an error is not read any more, and the process must end. */
  private end(partition: number, error: Error): void {
    this.damaged.add(partition);
    this.options.fatal?.(error);
  }

  private assign(partition: number): void {
    const { database, log, topic } = this.options;
    const saved = database.get(positionKey(topic, partition));
    const { mark, ...position } = (saved as unknown as SavedPosition | undefined) ?? NO_POSITION;
    // A log without records, after a trim, begins and ends at `from`.
    const end = log.end(topic, partition) ?? position.from;
    if (this.hasLost(partition, end, knownEnd(position)) || this.isReplaced(partition, mark))
      return;
    const [first] = log.read(topic, partition, position.from, 1);
    this.reads.set(partition, { next: first?.offset ?? position.from, isReading: false });
    this.owner?.assigned(partition, { ...position, end });
    void this.read(partition);
    // A log that was opened again does not know what is needed. The next commit repeats it.
    log.trim(topic, partition, position.from).catch(() => undefined);
  }

  /** Whether the log ends before its `known` end; that is reported as fatal. */
  protected hasLost(partition: number, end: number, known: number): boolean {
    if (end >= known) return false;
    this.end(partition, this.lossOf(partition, end, known));
    return true;
  }

  private lossOf(partition: number, end: number, known: number): LikestreamError {
    const loss = { from: end, to: known, reason: 'the log ends before these' };
    return lossError(this.options.topic, partition, loss);
  }

  /** Whether the last record before the position was replaced; that is reported as fatal. */
  protected isReplaced(partition: number, mark: RecordMark | undefined): boolean {
    const found = mark && this.markAt(partition, mark.offset);
    // It may have been trimmed.
    if (!found || found.hash === mark.hash) return false;
    this.end(partition, replacedError(this.options.topic, partition, mark.offset));
    return true;
  }

  private markAt(partition: number, offset: number): RecordMark | undefined {
    const [record] = this.options.log.read(this.options.topic, partition, Math.max(offset, 0), 1);
    return record?.offset === offset ? markOf(record) : undefined;
  }

  private async release(partition: number): Promise<void> {
    this.reads.get(partition)?.retry?.cancel();
    this.reads.delete(partition);
    await this.owner?.revoked(partition);
  }

  /** Whether records before the next one are gone: a failed append, too, leaves out offsets. */
  private isTrimmed(partition: number, next: number, first: number): boolean {
    if (first === next) return false;
    const { log, topic } = this.options;
    const [known] = log.read(topic, partition, next - 1, 1);
    return known?.offset !== next - 1;
  }

  private async read(partition: number): Promise<void> {
    const state = this.reads.get(partition);
    if (!state || state.isReading) return;
    state.isReading = true;
    try {
      while (this.reads.get(partition) === state) {
        const { log, topic } = this.options;
        const records = log.read(topic, partition, state.next, MAX_RECORDS);
        const [first, last] = [records[0], records.at(-1)];
        if (!first || !last) break;
        // Another member has committed meanwhile: what this one holds may be out of date.
        if (this.isTrimmed(partition, state.next, first.offset)) {
          return await this.release(partition);
        }
        await this.owner?.records(partition, records);
        state.next = last.offset + 1;
      }
      state.isReading = false;
    } catch (error) {
      if (this.reads.get(partition) !== state) return;
      if (isFinal(error)) {
        this.end(partition, error);
        return;
      }
      // The owner reports its own failures; this delivers the same records again.
      state.retry = this.options.clock.after(RETRY_MS, () => {
        state.isReading = false;
        void this.read(partition);
      });
    }
  }
}
