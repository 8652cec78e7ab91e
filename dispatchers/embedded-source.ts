import { type EmbeddedLog, positionKey } from '../producers/embedded-log';
import { type Clock, every, type Timer } from '../runtime/clock';
import type { Database } from '../runtime/database';
import { asLikestreamError, isFinal, LikestreamError } from '../schemas/errors';
import type { EmbeddedGroup } from './embedded-group';
import { lossError, replacedError } from './log-loss';
import { markOf, type RecordMark } from './recent-records';
import { knownEnd, type PartitionOwner, type Position, type Source } from './source';

const BEAT_MS = 1_000;
const RETRY_MS = 200;
const MAX_RECORDS = 500;
const MAX_TRIMMED_RECORDS = 1_000;

interface Parts {
  readonly memberId: string;
  readonly topic: string;
  readonly log: EmbeddedLog;
  readonly database: Database;
  readonly group: EmbeddedGroup;
  readonly clock: Clock;
  /** Called when the log has lost counted records: the process must end. */
  readonly fatal?: ((error: Error) => void) | undefined;
}

/** A position as it is stored: with the mark of the last record before it. */
interface SavedPosition extends Position {
  readonly mark?: RecordMark | undefined;
}

interface Reading {
  next: number;
  busy: boolean;
  retry?: Timer;
}

const NO_POSITION: SavedPosition = { done: 0, from: 0 };

/** A member of the consumer group on the embedded log. */
export class EmbeddedSource implements Source {
  private readonly readings = new Map<number, Reading>();
  /** Partitions that have lost records; they are not read. */
  private readonly damaged = new Set<number>();
  private owner: PartitionOwner | undefined;
  private beats: Timer | undefined;
  private unlisten: (() => void) | undefined;

  constructor(private readonly parts: Parts) {}

  async start(owner: PartitionOwner): Promise<void> {
    this.owner = owner;
    this.unlisten = this.parts.log.onAppend((topic, partition) => {
      if (topic === this.parts.topic) void this.read(partition);
    });
    this.rebalance();
    this.beats = every(this.parts.clock, BEAT_MS, () => this.rebalance());
  }

  async commit(partition: number, position: Position): Promise<void> {
    const { database, group, log, memberId, topic } = this.parts;
    if (!group.owns(memberId, partition)) {
      throw new LikestreamError('log_unavailable', 'another member owns the partition');
    }
    const mark = this.markAt(partition, knownEnd(position) - 1);
    const first = Math.min(position.from, mark?.offset ?? position.from);
    const trimmed = log.keysBelow(topic, partition, first, MAX_TRIMMED_RECORDS);
    const value = { ...position, ...(mark && { mark: { ...mark } }) };
    try {
      await database.write([
        { key: positionKey(topic, partition), value },
        ...trimmed.map((key) => ({ key })),
      ]);
    } catch (error) {
      throw asLikestreamError(error, 'log_unavailable');
    }
  }

  async verifyEnd(partition: number, known: number): Promise<number> {
    const end = this.parts.log.end(this.parts.topic, partition) ?? 0;
    if (end < known) throw this.lossOf(partition, end, known);
    return end;
  }

  async stop(): Promise<void> {
    this.beats?.cancel();
    this.unlisten?.();
    await Promise.all([...this.readings.keys()].map((partition) => this.release(partition)));
    this.parts.group.leave(this.parts.memberId);
  }

  private rebalance(): void {
    const owned = this.parts.group.beat(this.parts.memberId);
    for (const partition of this.readings.keys()) {
      if (!owned.includes(partition)) void this.release(partition);
    }
    for (const partition of owned) {
      if (!this.readings.has(partition) && !this.damaged.has(partition)) this.tryToTake(partition);
    }
  }

  // If the log does not answer now, the next beat repeats this check.
  private tryToTake(partition: number): void {
    try {
      this.take(partition);
    } catch {
      this.readings.delete(partition);
    }
  }

  private take(partition: number): void {
    const saved = this.parts.database.get(positionKey(this.parts.topic, partition));
    const { mark, ...position } = (saved as unknown as SavedPosition | undefined) ?? NO_POSITION;
    // A log without records, after a trim, begins and ends at `from`.
    const end = this.parts.log.end(this.parts.topic, partition) ?? position.from;
    if (this.hasLost(partition, end, knownEnd(position)) || this.isReplaced(partition, mark))
      return;
    this.readings.set(partition, { next: position.from, busy: false });
    this.owner?.assigned(partition, { ...position, end });
    void this.read(partition);
  }

  /** Whether the log ends before its `known` end; that is reported as fatal. */
  protected hasLost(partition: number, end: number, known: number): boolean {
    if (end >= known) return false;
    this.damaged.add(partition);
    this.parts.fatal?.(this.lossOf(partition, end, known));
    return true;
  }

  private lossOf(partition: number, end: number, known: number): LikestreamError {
    const loss = { from: end, to: known, reason: 'the log ends before these' };
    return lossError(this.parts.topic, partition, loss);
  }

  /** Whether the last record before the position was replaced; that is reported as fatal. */
  protected isReplaced(partition: number, mark: RecordMark | undefined): boolean {
    if (!mark || this.markAt(partition, mark.offset)?.hash === mark.hash) return false;
    this.damaged.add(partition);
    this.parts.fatal?.(replacedError(this.parts.topic, partition, mark.offset));
    return true;
  }

  private markAt(partition: number, offset: number): RecordMark | undefined {
    const [record] = this.parts.log.read(this.parts.topic, partition, Math.max(offset, 0), 1);
    return record?.offset === offset ? markOf(record) : undefined;
  }

  private async release(partition: number): Promise<void> {
    this.readings.get(partition)?.retry?.cancel();
    this.readings.delete(partition);
    await this.owner?.revoked(partition);
  }

  private async read(partition: number): Promise<void> {
    const reading = this.readings.get(partition);
    if (!reading || reading.busy) return;
    reading.busy = true;
    try {
      while (this.readings.get(partition) === reading) {
        const { log, topic } = this.parts;
        const records = log.read(topic, partition, reading.next, MAX_RECORDS);
        const last = records.at(-1);
        if (!last) break;
        await this.owner?.records(partition, records);
        reading.next = last.offset + 1;
      }
      reading.busy = false;
    } catch (error) {
      if (this.readings.get(partition) !== reading) return;
      if (isFinal(error)) {
        this.damaged.add(partition);
        this.parts.fatal?.(error);
        return;
      }
      // The owner reports its own failures; the same records are offered to it again.
      reading.retry = this.parts.clock.after(RETRY_MS, () => {
        reading.busy = false;
        void this.read(partition);
      });
    }
  }
}
