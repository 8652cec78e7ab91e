import type { Position } from './position';
import { type Now, STUCK_RETENTIONS } from './retention';

const CHECKPOINTS_PER_RETENTION = 16;

/** The position from which a successor reads. */
type Start = Omit<Position, 'done'>;

/** An offset of the log, with facts about all records before it. */
interface Checkpoint {
  readonly offset: number;
  readonly logTime: number | undefined;
  readonly monotonic: number;
  /** The greatest log time until which an id before it is needed. */
  readonly neededUntil: number;
}

/**
 * Checkpoints of a partition's log. A successor reads from the oldest one whose ids are still
 * needed. A checkpoint is dropped only after two clocks have passed it, as an id is.
 */
export class Checkpoints {
  private readonly all: Checkpoint[] = [];
  private neededUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly retentionMs: number,
    /** The first offset to read and the log's time there, until a checkpoint is dropped. */
    private start: Start,
  ) {}

  /** Notes that an id before the next checkpoint is needed until this log time. */
  need(until: number): void {
    this.neededUntil = Math.max(this.neededUntil, until);
  }

  /** Adds a checkpoint at `offset` if the last one is old enough. All records below are read. */
  note(offset: number, { logTime, monotonic }: Now): void {
    const last = this.all.at(-1);
    const apart = this.retentionMs / CHECKPOINTS_PER_RETENTION;
    if (last && (monotonic < last.monotonic + apart || offset <= last.offset)) return;
    this.all.push({ offset, logTime, monotonic, neededUntil: this.neededUntil });
  }

  /** The position for a successor if all records below `done` are stored and saved. */
  startOf(done: number, monotonic: number): Start {
    const last = this.all.findLast(({ offset }) => offset <= done);
    const logTime = last?.logTime ?? this.start.logTime;
    for (let first = this.all[0]; first && first.offset <= done; first = this.all[0]) {
      const age = monotonic - first.monotonic;
      const isNeeded = first.neededUntil > (logTime ?? Number.NEGATIVE_INFINITY);
      if (age < this.retentionMs * (isNeeded ? STUCK_RETENTIONS : 1)) break;
      this.drop(first, isNeeded);
    }
    const from = Math.min(done, this.start.from);
    return { ...this.start, from, ...(logTime !== undefined && { logTime }) };
  }

  private drop({ logTime, neededUntil, offset }: Checkpoint, isNeeded: boolean): void {
    const lookUpUntil = Math.max(neededUntil, this.start.lookUpUntil ?? neededUntil);
    this.start = {
      ...this.start,
      from: offset,
      ...(logTime !== undefined && { logTime }),
      ...(isNeeded && { lookUpUntil }),
    };
    this.all.shift();
  }
}
